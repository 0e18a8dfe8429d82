namespace Smtpy.Web.Tests.Site;

/// <summary>Messages that several tests show.</summary>
internal static class Letters
{
    public const string Plain = """
        Received: from shop.example (shop.example [192.0.2.7])
        	by demo.example (SMTPy) with ESMTP id 42
        	for <hello@demo.example>; Sat, 14 Mar 2026 09:00:00 +0000
        From: =?utf-8?q?J=C3=A4ne_Doe?= <jane@shop.example>
        To: hello@demo.example
        sUBJECT: Your order =?utf-8?q?=E2=80=94?= on its way
        Date: Sat, 14 Mar 2026 10:00:00 +0100
        Message-ID: <1@shop.example>
        Content-Type: text/plain; charset=utf-8

        Hello,

        your order has left the house. <b>Not bold</b> & not "quoted".

        Jäne
        """;

    /// <summary>HTML that tries to run, load, frame and submit. SITE is replaced by a URL prefix that must never be asked for.</summary>
    public const string Hostile = """
        From: "Mallory" <mallory@evil.example>
        To: hello@demo.example
        Subject: <script>document.title='owned'</script> Special offer
        Date: Sat, 14 Mar 2026 10:00:00 +0100
        MIME-Version: 1.0
        Content-Type: text/html; charset=utf-8

        <html><head><title>x</title><script>parent.document.title='owned';document.title='owned'</script>
        <link rel="stylesheet" href="SITE/link.css"><style>@import url(SITE/import.css); .x{background:url('SITE/bg.png');color:#b00}</style>
        <meta http-equiv="refresh" content="0;url=SITE/refresh"><base href="SITE/base/"></head>
        <body onload="document.title='owned'" background="SITE/background.png">
        <h1 class="x" style="background-image:url(SITE/inline.png)">Special offer</h1>
        <p>Dear customer, <a href="https://evil.example/claim" onclick="document.title='owned'">claim it</a>
        or <a href="javascript:document.title='owned'">this</a>.</p>
        <img src="SITE/pixel.png" alt="A pixel" onerror="document.title='owned'">
        <img src=x onerror="document.title='owned'"><svg onload="document.title='owned'"><script>document.title='owned'</script></svg>
        <iframe src="SITE/frame.html"></iframe><form action="SITE/form"><input autofocus onfocus="document.title='owned'"></form>
        <video src="SITE/v.mp4" poster="SITE/poster.png"></video><object data="SITE/o"></object>
        </body></html>
        """;

    public const string Mixed = """
        From: Ana Lima <ana@news.example>
        To: hello@demo.example
        Subject: Quarterly figures, with the spreadsheet and a rather long subject line that does not fit on a phone
        Date: Sat, 14 Mar 2026 11:30:00 +0100
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=outer

        --outer
        Content-Type: multipart/related; boundary=rel

        --rel
        Content-Type: multipart/alternative; boundary=alt

        --alt
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        Gr=FC=DFe, the figures are attached.
        --alt
        Content-Type: text/html; charset=utf-8

        <table bgcolor="#eef" cellpadding="12"><tr><td><h2 style="color:#045">Figures</h2>
        <p>The figures are <b>attached</b>.</p><img src="cid:logo@news" alt="Logo" width="32" height="32"></td></tr></table>
        --alt--
        --rel
        Content-Type: image/png
        Content-ID: <logo@news>
        Content-Disposition: inline; filename=logo.png
        Content-Transfer-Encoding: base64

        iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==
        --rel--
        --outer
        Content-Type: application/vnd.ms-excel; name="=?utf-8?q?figures_=E2=82=AC.xls?="
        Content-Disposition: attachment; filename="=?utf-8?q?figures_=E2=82=AC.xls?="
        Content-Transfer-Encoding: base64

        AAECAwQFBgcICQ==
        --outer--
        """;
}
