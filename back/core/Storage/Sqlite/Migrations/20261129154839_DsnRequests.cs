using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Smtpy.Core.Storage.Sqlite.Migrations
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
                    message_id = table.Column<long>(type: "INTEGER", nullable: false),
                    ordinal = table.Column<int>(type: "INTEGER", nullable: false),
                    notify = table.Column<int>(type: "INTEGER", nullable: false),
                    original_recipient = table.Column<string>(type: "TEXT", nullable: true),
                    envelope_id = table.Column<string>(type: "TEXT", nullable: true),
                    return_full = table.Column<bool>(type: "INTEGER", nullable: false)
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
