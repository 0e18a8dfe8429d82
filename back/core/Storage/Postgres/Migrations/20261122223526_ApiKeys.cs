using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Smtpy.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class ApiKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "active",
                table: "domains",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<Guid>(
                name: "default_recipient_id",
                table: "domains",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "description",
                table: "domains",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "exchanger_seen_at",
                table: "domains",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "from_name",
                table: "domains",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "updated_at",
                table: "domains",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "deleted_at",
                table: "aliases",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "from_name",
                table: "aliases",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "pinned",
                table: "aliases",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    prefix = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    scope = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false),
                    last_used_at = table.Column<long>(type: "bigint", nullable: true),
                    expires_at = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_keys", x => x.id);
                    table.ForeignKey(
                        name: "FK_api_keys_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_domains_default_recipient_id",
                table: "domains",
                column: "default_recipient_id");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_account_id",
                table: "api_keys",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_hash",
                table: "api_keys",
                column: "hash",
                unique: true);

            migrationBuilder.AddForeignKey(
                name: "FK_domains_recipients_default_recipient_id",
                table: "domains",
                column: "default_recipient_id",
                principalTable: "recipients",
                principalColumn: "id",
                onDelete: ReferentialAction.SetNull);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_domains_recipients_default_recipient_id",
                table: "domains");

            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropIndex(
                name: "ix_domains_default_recipient_id",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "active",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "default_recipient_id",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "description",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "exchanger_seen_at",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "from_name",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "updated_at",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "deleted_at",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "from_name",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "pinned",
                table: "aliases");
        }
    }
}
