using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Smtpy.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class DsnRequests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "dsn_requests",
                columns: table => new
                {
                    message_id = table.Column<long>(type: "bigint", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    notify = table.Column<int>(type: "integer", nullable: false),
                    original_recipient = table.Column<string>(type: "text", nullable: true),
                    envelope_id = table.Column<string>(type: "text", nullable: true),
                    return_full = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_dsn_requests", x => new { x.message_id, x.ordinal });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "dsn_requests");
        }
    }
}
