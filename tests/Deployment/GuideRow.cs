namespace Smtpy.Deployment;

/// <summary>A row of the table "What needs testing" of docs/DEPLOYMENT_GUIDE.md; the stages fill in what they measured.</summary>
internal sealed record GuideRow(string Area, string What, string How)
{
    private const string Deployment = "End-to-end deployment";
    private const string Load = "Load testing";
    private const string Recovery = "Backup and recovery";

    public static readonly GuideRow FullDeployment = new(
        Deployment, "full deployment on a clean system", "images built from the committed files in an empty folder; `up -d` until all five services are healthy");

    public static readonly GuideRow ImageSizes = new(Deployment, "image sizes", "the unpacked layers of each image, against its limit");

    public static readonly GuideRow Migrations = new(
        Deployment, "database migrations", "two replicas and `smtp` start at once on an empty database; both roles agree on the schema. From the release before: in `tests/Core.Tests`");

    public static readonly GuideRow Connectivity = new(
        Deployment, "service connectivity", "all nine steps of `verify-deployment.sh`; a message from an outside Postfix through port 25 into another Postfix's Maildir");

    public static readonly GuideRow Verification = new(Deployment, "verification", "one fault for each step of `verify-deployment.sh`, all at once");
    public static readonly GuideRow Certificate = new(Deployment, "SSL certificate setup", "self-signed at first start; another pair taken up by web and mail without a restart");

    public static readonly GuideRow Authority = new(
        Deployment, "certificate from an authority", "the profile `certbot` against an ACME server that proves the name at port 80; a forced renewal under load");

    public static readonly GuideRow Documents = new(Deployment, "documents", "every command of the guide and the quick start, as it is written");
    public static readonly GuideRow Throughput = new(Load, "performance under load", "messages a second through port 25");
    public static readonly GuideRow Usage = new(Load, "resource usage patterns", "memory and processor of each container under that load");

    public static readonly GuideRow Scaling = new(
        Load, "scaling behaviour", "the same GET with an API key through the frontend with one, two and three API replicas, as many as it lets one client send at once; every replica answers some");

    public static readonly GuideRow Failover = new(
        Load, "failover testing", "each container killed in turn under load: what stays up, how soon it is healthy again, messages lost");

    public static readonly GuideRow Update = new(Load, "update and rollback", "`update.sh` to a newer and an older release under load");
    public static readonly GuideRow Backup = new(Recovery, "backup procedures", "plain, encrypted, rotated; one that cannot be made fails");
    public static readonly GuideRow Restore = new(Recovery, "restore procedures", "a broken file is refused; a whole one is restored");
    public static readonly GuideRow Integrity = new(Recovery, "data integrity", "rows and content of every table before and after");

    public static readonly GuideRow Disaster = new(
        Recovery, "disaster recovery", "the database's volume destroyed, restored, until the API answers (RTO); what is lost (RPO)");

    /// <summary>In the order of the table.</summary>
    public static readonly IReadOnlyList<GuideRow> All =
    [
        FullDeployment, ImageSizes, Migrations, Connectivity, Verification, Certificate, Authority, Documents,
        Throughput, Usage, Scaling, Failover, Update, Backup, Restore, Integrity, Disaster,
    ];
}
