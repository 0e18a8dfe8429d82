using System.Data.Common;

namespace Smtpy.Core.Storage;

/// <summary>Parameters of plain commands, the same for every database.</summary>
internal static class CommandParameters
{
    public static DbCommand AddText(this DbCommand command, string name, string value) => command.Add(name, value);

    public static DbCommand AddGuid(this DbCommand command, string name, Guid value) => command.Add(name, value);

    public static DbCommand AddNumber(this DbCommand command, string name, long value) => command.Add(name, value);

    private static DbCommand Add(this DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        // Microsoft.Data.Sqlite writes a Guid as text unless told so; the columns hold its octets.
        parameter.Value = value is Guid guid && command is Microsoft.Data.Sqlite.SqliteCommand ? guid.ToByteArray() : value;
        command.Parameters.Add(parameter);
        return command;
    }
}
