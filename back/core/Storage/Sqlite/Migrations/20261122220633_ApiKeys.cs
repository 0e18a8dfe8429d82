using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Smtpy.Core.Storage.Sqlite.Migrations
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
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            // By hand: what is generated for a new foreign key copies the whole table, outside of any transaction.
            migrationBuilder.Sql(
                """
                ALTER TABLE "domains" ADD COLUMN "default_recipient_id" BLOB NULL
                    CONSTRAINT "FK_domains_recipients_default_recipient_id" REFERENCES "recipients" ("id") ON DELETE SET NULL;
                """);

            migrationBuilder.AddColumn<string>(
                name: "description",
                table: "domains",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "exchanger_seen_at",
                table: "domains",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "from_name",
                table: "domains",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "updated_at",
                table: "domains",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "deleted_at",
                table: "aliases",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "from_name",
                table: "aliases",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "pinned",
                table: "aliases",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    account_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    prefix = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    scope = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_used_at = table.Column<long>(type: "INTEGER", nullable: true),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true)
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
