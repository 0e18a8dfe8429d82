using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Smtpy.Core.Storage;

/// <summary>Instants are stored as Unix milliseconds: the same in every database, sortable, eight bytes.</summary>
internal sealed class UnixMilliseconds()
    : ValueConverter<DateTimeOffset, long>(instant => instant.ToUnixTimeMilliseconds(), stored => DateTimeOffset.FromUnixTimeMilliseconds(stored));
