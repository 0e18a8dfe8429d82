using System.Globalization;
using System.Security.Cryptography;

namespace Smtpy.Core.Aliases;

/// <summary>
/// Makes local parts that nobody chose. Words are for remembering and saying aloud, not for being hard to guess: whoever wants
/// that takes characters or a UUID.
/// </summary>
internal static class LocalPartMaker
{
    /// <summary>Without vowels, so that no words come about, and without characters that look alike.</summary>
    private const string Characters = "bcdfghjkmnpqrstvwxz23456789";

    private static readonly string[] Adjectives =
    [
        "amber", "brave", "brisk", "calm", "clear", "clever", "copper", "crisp", "daring", "dusty", "early", "easy", "fair", "fancy", "fast",
        "fresh", "gentle", "glad", "golden", "grand", "green", "happy", "hidden", "honest", "humble", "jolly", "keen", "kind", "late", "light",
        "lively", "lucky", "mellow", "merry", "mighty", "misty", "modern", "neat", "noble", "plain", "polite", "proud", "quick", "quiet", "rapid",
        "rare", "ready", "royal", "rustic", "shiny", "silent", "silver", "simple", "sleepy", "smart", "smooth", "snowy", "solid", "steady",
        "sunny", "swift", "tidy", "warm", "wise",
    ];

    private static readonly string[] Nouns =
    [
        "acorn", "anchor", "apple", "badger", "beacon", "birch", "bridge", "brook", "candle", "canyon", "castle", "cedar", "cloud", "clover",
        "comet", "coral", "cottage", "daisy", "dolphin", "falcon", "feather", "fern", "forest", "fox", "garden", "glacier", "harbour", "hazel",
        "heron", "hill", "island", "kettle", "lantern", "lemon", "lizard", "maple", "meadow", "mirror", "moss", "mountain", "nutmeg", "ocean",
        "olive", "orchard", "otter", "owl", "pebble", "pepper", "piano", "pine", "planet", "poplar", "puffin", "raven", "reef", "river", "robin",
        "saddle", "sparrow", "spruce", "thistle", "valley", "violin", "willow",
    ];

    private static readonly string[] MaleNames =
    [
        "adam", "alan", "albert", "andrew", "arthur", "ben", "carl", "charles", "daniel", "david", "edward", "eric", "frank", "george", "harry",
        "henry", "hugo", "isaac", "jack", "james", "john", "joseph", "kevin", "leo", "louis", "mark", "martin", "max", "michael", "nathan",
        "oliver", "oscar", "paul", "peter", "philip", "ralph", "robert", "samuel", "simon", "stephen", "theo", "thomas", "victor", "walter",
        "william",
    ];

    private static readonly string[] FemaleNames =
    [
        "ada", "alice", "amelia", "anna", "audrey", "beatrice", "carol", "charlotte", "clara", "diana", "edith", "eleanor", "ella", "emily",
        "emma", "eva", "florence", "grace", "hannah", "helen", "ida", "irene", "ivy", "jane", "joan", "julia", "karen", "kate", "laura", "lily",
        "louise", "lucy", "maria", "martha", "mary", "nora", "olivia", "paula", "rachel", "rose", "ruth", "sarah", "sophie", "susan", "violet",
    ];

    private static readonly string[] Surnames =
    [
        "abbott", "archer", "baker", "barnes", "bell", "brooks", "carter", "cole", "cooper", "dale", "dixon", "ellis", "fisher", "fletcher",
        "ford", "foster", "gardner", "gibson", "grant", "hale", "harper", "hayes", "hudson", "hunt", "kemp", "lane", "lawson", "marsh", "mason",
        "miller", "moore", "nash", "palmer", "parker", "porter", "reed", "rhodes", "shaw", "stone", "taylor", "turner", "walker", "ward", "webb",
    ];

    public static string Make(AliasFormat format) => format switch
    {
        AliasFormat.Uuid => Guid.NewGuid().ToString(),
        AliasFormat.RandomWords => $"{One(Adjectives)}.{One(Nouns)}{Number()}",
        AliasFormat.RandomMaleName => $"{One(MaleNames)}.{One(Surnames)}{Number()}",
        AliasFormat.RandomFemaleName => $"{One(FemaleNames)}.{One(Surnames)}{Number()}",
        AliasFormat.RandomNoun => One(Nouns) + Number(),
        _ => RandomNumberGenerator.GetString(Characters, 8),
    };

    private static string One(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];

    private static string Number() => RandomNumberGenerator.GetInt32(1, 1000).ToString(CultureInfo.InvariantCulture);
}
