namespace Smtpy.Server.Hosting;

/// <summary>What one process does (docs/architecture.md). Roles in different processes meet in the database only.</summary>
[Flags]
internal enum Role
{
    Api = 1,
    Smtp = 2,
}
