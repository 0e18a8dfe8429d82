using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Smtpy.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Forwarding : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "encryption",
                table: "recipients",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "encryption_expires_at",
                table: "recipients",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "encryption_fingerprint",
                table: "recipients",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "encryption_key",
                table: "recipients",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "paused_at",
                table: "recipients",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "protect_subject",
                table: "recipients",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "header_from",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "header_message_id",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "judgement",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "origin",
                table: "messages",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "tls",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "tls_demand",
                table: "messages",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "from_format",
                table: "domains",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "mode",
                table: "domains",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "on_dmarc_fail",
                table: "domains",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "on_spf_fail",
                table: "domains",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "signing_seen_at",
                table: "domains",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "unsubscribe",
                table: "domains",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "kind",
                table: "deliveries",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "reason",
                table: "deliveries",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "tls",
                table: "deliveries",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "replaced_octets",
                table: "captured_messages",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "banner",
                table: "aliases",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "clean_replies",
                table: "aliases",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<int>(
                name: "from_format",
                table: "aliases",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "known_senders_only",
                table: "aliases",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "mode",
                table: "aliases",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "on_dmarc_fail",
                table: "aliases",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "on_spf_fail",
                table: "aliases",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "subject_template",
                table: "aliases",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "unsubscribe",
                table: "aliases",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "attempts",
                columns: table => new
                {
                    message_id = table.Column<long>(type: "bigint", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<long>(type: "bigint", nullable: false),
                    reply = table.Column<string>(type: "text", nullable: false),
                    remote_host = table.Column<string>(type: "text", nullable: false),
                    tls = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_attempts", x => new { x.message_id, x.ordinal, x.number });
                });

            migrationBuilder.CreateTable(
                name: "bounces",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<long>(type: "bigint", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: true),
                    message_id = table.Column<long>(type: "bigint", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    report_id = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    alias_address = table.Column<string>(type: "text", nullable: false),
                    recipient = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    diagnostic = table.Column<string>(type: "text", nullable: false),
                    remote_host = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_bounces", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "contacts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    alias_address = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: false),
                    address = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: false),
                    display_name = table.Column<string>(type: "text", nullable: false),
                    reverse_address = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: false),
                    blocked = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_contacts", x => x.id);
                    table.ForeignKey(
                        name: "FK_contacts_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "refusals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<long>(type: "bigint", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: true),
                    alias_address = table.Column<string>(type: "text", nullable: false),
                    sender = table.Column<string>(type: "text", nullable: false),
                    header_from = table.Column<string>(type: "text", nullable: true),
                    client_address = table.Column<string>(type: "text", nullable: false),
                    helo = table.Column<string>(type: "text", nullable: false),
                    reply = table.Column<string>(type: "text", nullable: false),
                    judgement = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_refusals", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sender_rules",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    domain_id = table.Column<Guid>(type: "uuid", nullable: true),
                    alias_id = table.Column<Guid>(type: "uuid", nullable: true),
                    sender = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: false),
                    verdict = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sender_rules", x => x.id);
                    table.ForeignKey(
                        name: "FK_sender_rules_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_sender_rules_aliases_alias_id",
                        column: x => x.alias_id,
                        principalTable: "aliases",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_sender_rules_domains_domain_id",
                        column: x => x.domain_id,
                        principalTable: "domains",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "signing_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    domain_name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    selector = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    algorithm = table.Column<int>(type: "integer", nullable: false),
                    public_key = table.Column<string>(type: "text", nullable: false),
                    sealed_private_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false),
                    active_from = table.Column<long>(type: "bigint", nullable: true),
                    retired_at = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_signing_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "smtp_credentials",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    alias_id = table.Column<Guid>(type: "uuid", nullable: true),
                    user_name = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: false),
                    salt = table.Column<byte[]>(type: "bytea", nullable: false),
                    iterations = table.Column<int>(type: "integer", nullable: false),
                    stored_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    server_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false),
                    last_used_at = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_smtp_credentials", x => x.id);
                    table.ForeignKey(
                        name: "FK_smtp_credentials_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_smtp_credentials_aliases_alias_id",
                        column: x => x.alias_id,
                        principalTable: "aliases",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tls_policies",
                columns: table => new
                {
                    domain_name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    policy_id = table.Column<string>(type: "text", nullable: false),
                    policy = table.Column<string>(type: "text", nullable: false),
                    fetched_at = table.Column<long>(type: "bigint", nullable: false),
                    expires_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tls_policies", x => x.domain_name);
                });

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_account_id",
                table: "deliveries",
                columns: new[] { "account_id", "message_id" });

            migrationBuilder.CreateIndex(
                name: "ix_bounces_account_id_at",
                table: "bounces",
                columns: new[] { "account_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_bounces_at",
                table: "bounces",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_bounces_message_id",
                table: "bounces",
                column: "message_id");

            migrationBuilder.CreateIndex(
                name: "ix_bounces_recipient_at",
                table: "bounces",
                columns: new[] { "recipient", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_contacts_account_id",
                table: "contacts",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_contacts_alias_address_address",
                table: "contacts",
                columns: new[] { "alias_address", "address" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_contacts_reverse_address",
                table: "contacts",
                column: "reverse_address",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_refusals_account_id_at",
                table: "refusals",
                columns: new[] { "account_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_refusals_at",
                table: "refusals",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_sender_rules_account_id_sender",
                table: "sender_rules",
                columns: new[] { "account_id", "sender" });

            migrationBuilder.CreateIndex(
                name: "ix_sender_rules_alias_id",
                table: "sender_rules",
                column: "alias_id");

            migrationBuilder.CreateIndex(
                name: "ix_sender_rules_domain_id",
                table: "sender_rules",
                column: "domain_id");

            migrationBuilder.CreateIndex(
                name: "ix_signing_keys_domain_name_selector",
                table: "signing_keys",
                columns: new[] { "domain_name", "selector" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_smtp_credentials_account_id",
                table: "smtp_credentials",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_smtp_credentials_alias_id",
                table: "smtp_credentials",
                column: "alias_id");

            migrationBuilder.CreateIndex(
                name: "ix_smtp_credentials_user_name",
                table: "smtp_credentials",
                column: "user_name",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "attempts");

            migrationBuilder.DropTable(
                name: "bounces");

            migrationBuilder.DropTable(
                name: "contacts");

            migrationBuilder.DropTable(
                name: "refusals");

            migrationBuilder.DropTable(
                name: "sender_rules");

            migrationBuilder.DropTable(
                name: "signing_keys");

            migrationBuilder.DropTable(
                name: "smtp_credentials");

            migrationBuilder.DropTable(
                name: "tls_policies");

            migrationBuilder.DropIndex(
                name: "ix_deliveries_account_id",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "encryption",
                table: "recipients");

            migrationBuilder.DropColumn(
                name: "encryption_expires_at",
                table: "recipients");

            migrationBuilder.DropColumn(
                name: "encryption_fingerprint",
                table: "recipients");

            migrationBuilder.DropColumn(
                name: "encryption_key",
                table: "recipients");

            migrationBuilder.DropColumn(
                name: "paused_at",
                table: "recipients");

            migrationBuilder.DropColumn(
                name: "protect_subject",
                table: "recipients");

            migrationBuilder.DropColumn(
                name: "header_from",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "header_message_id",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "judgement",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "origin",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "tls",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "tls_demand",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "from_format",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "mode",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "on_dmarc_fail",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "on_spf_fail",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "signing_seen_at",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "unsubscribe",
                table: "domains");

            migrationBuilder.DropColumn(
                name: "kind",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "reason",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "tls",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "replaced_octets",
                table: "captured_messages");

            migrationBuilder.DropColumn(
                name: "banner",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "clean_replies",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "from_format",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "known_senders_only",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "mode",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "on_dmarc_fail",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "on_spf_fail",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "subject_template",
                table: "aliases");

            migrationBuilder.DropColumn(
                name: "unsubscribe",
                table: "aliases");
        }
    }
}
