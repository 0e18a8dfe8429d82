using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Smtpy.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class RecipientKey : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "email_key",
                table: "recipients",
                type: "text",
                nullable: true,
                computedColumnSql: "lower(email)",
                stored: true);

            migrationBuilder.CreateIndex(
                name: "ix_recipients_account_id_email_key",
                table: "recipients",
                columns: new[] { "account_id", "email_key" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_recipients_account_id_email_key",
                table: "recipients");

            migrationBuilder.DropColumn(
                name: "email_key",
                table: "recipients");
        }
    }
}
