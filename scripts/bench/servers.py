"""The two contenders and the sinks, each on private loopback ports with folders of its own."""

import base64
import csv
import grp
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time

import dkim

ALIASES = 10_000
DOMAIN = "alias.test"
HOST = "mx.smtpy.test"
PLAIN_SOURCE = "plain.test"
SIGNED_SOURCE = "client.test"
DESTINATION = "mailbox.test"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_banner(port, process, limit=30.0):
    """Seconds from now until the port greets with 220."""
    started = time.perf_counter()
    while time.perf_counter() - started < limit:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                if client.recv(64).startswith(b"220"):
                    return time.perf_counter() - started
        except ConnectionRefusedError:
            time.sleep(0.002)
    raise RuntimeError(f"{process.args[0]} does not greet on port {port}")


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class NameServer:
    """NSD with the zones that judging and signing ask for; what is not in them does not exist."""

    def __init__(self, work):
        self._folder = pathlib.Path(work) / "nsd"
        self._folder.mkdir(parents=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._key = self._folder / "client.pem"
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", str(self._key), "2048"], check=True, capture_output=True)
        public = subprocess.run(
            ["openssl", "rsa", "-in", str(self._key), "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        key = base64.b64encode(public).decode()
        self._records = [
            f'{SIGNED_SOURCE}. TXT "v=spf1 ip4:127.0.0.1 -all"',
            f'_dmarc.{SIGNED_SOURCE}. TXT "v=DMARC1; p=reject"',
            f'bench._domainkey.{SIGNED_SOURCE}. TXT "v=DKIM1; k=rsa; p={key[:200]}" "{key[200:]}"',
        ]
        self.process = None

    def start(self, records=()):
        """Serves these besides its own, until it is stopped."""
        zone = ["$ORIGIN .", "$TTL 86400", "@ SOA ns.test. root.test. 1 3600 600 86400 3600", "@ NS ns.test.", "ns.test. A 127.0.0.1"]
        (self._folder / "root.zone").write_text("\n".join([*zone, *self._records, *records]) + "\n")
        configuration = self._folder / "nsd.conf"
        configuration.write_text(f"""server:
  ip-address: 127.0.0.1@{self.port}
  do-ip6: no
  username: ""
  zonesdir: "{self._folder}"
  database: ""
  pidfile: "{self._folder}/nsd.pid"
  xfrdfile: "{self._folder}/xfrd.state"
  zonelistfile: "{self._folder}/zone.list"
  xfrdir: "{self._folder}"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone"
""")
        self.process = subprocess.Popen(
            ["/usr/sbin/nsd", "-d", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise RuntimeError("NSD does not answer")

    def stop(self):
        if self.process:
            stop(self.process)

    def signed_message(self, size):
        """A file with a message of a domain that rejects forgeries, signed by it (python3-dkim); its body has `size` octets."""
        path = self._folder / f"signed-{size}.eml"
        if not path.exists():
            line = b"What a message says, on and on, in lines of some seventy characters.\r\n"
            body = (line * (size // len(line) + 1))[: size - 2] + b"\r\n"
            head = (
                f"From: Source <source@{SIGNED_SOURCE}>\r\nTo: alias@{DOMAIN}\r\nSubject: A message\r\n"
                f"Date: Wed, 1 Jan 2025 10:00:00 +0000\r\nMessage-ID: <bench@{SIGNED_SOURCE}>\r\n\r\n")
            message = head.encode() + body
            signature = dkim.sign(
                message, b"bench", SIGNED_SOURCE.encode(), self._key.read_bytes(), canonicalize=(b"relaxed", b"relaxed"),
                include_headers=[b"from", b"to", b"subject", b"date", b"message-id"])
            path.write_bytes((signature + message).replace(b"\r\n", b"\n"))
        return path


class Smtpy:
    """
    `smtpy serve`, relaying to the sink. The aliases are imported once and the data folder is copied for each start. It does as little as
    it can be told to: the sender's domain publishes nothing that could be verified, the header stays, nothing is signed or sealed.
    """

    name = "SMTPy"
    mode = "transparent"
    warm_up_rounds = 10

    def __init__(self, executable, work, dns):
        self._executable, self._work, self._dns = executable, pathlib.Path(work), dns
        self._template = self._work / f"{self.mode}-template"
        self.process = None
        self.port = free_port()
        self._prepare()

    def start(self, sink_port):
        data = self._work / "smtpy-data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self._template, data)
        self._serve(data, sink_port)
        return wait_for_banner(self.port, self.process)

    def stop(self):
        stop(self.process)

    def source(self, size):
        """Arguments of smtp-source that say what is sent."""
        return ["-l", str(size), "-f", f"source@{PLAIN_SOURCE}"]

    def _serve(self, data, sink_port):
        log = open(self._work / "smtpy.log", "wb")
        self.process = subprocess.Popen([self._executable, "serve"], env=self._environment(data, sink_port), stdout=log, stderr=log)

    def _environment(self, data, sink_port):
        signs = "off" if self.mode == "transparent" else "on"
        return os.environ | {
            "SMTPY_DATA": str(data),
            "SMTP_LISTEN": f"127.0.0.1:{self.port}",
            "SUBMISSION_LISTEN": "off",
            "SUBMISSIONS_LISTEN": "off",
            "API_LISTEN": f"127.0.0.1:{free_port()}",
            "SMTP_HOSTNAME": HOST,
            "SMTP_DELIVERY": "relay",
            "SMTP_RELAY": f"smtp://127.0.0.1:{sink_port}",
            "DNS_SERVER": self._dns.address,
            "FORWARD_MODE": self.mode,
            "DKIM_SIGN": signs,
            "ARC_SEAL": signs,
        }

    def _run(self, *command):
        return subprocess.run(
            [self._executable, *command], env=self._environment(self._template, 1), check=True, stdout=subprocess.PIPE, text=True).stdout

    def _prepare(self):
        shutil.rmtree(self._template, ignore_errors=True)
        self._template.mkdir(parents=True)
        rows = self._work / "aliases.csv"
        with open(rows, "w", newline="", encoding="ascii") as file:
            writer = csv.writer(file)
            writer.writerow(["alias", "note", "recipients"])
            for number in range(ALIASES + 1):
                writer.writerow([f"{number}alias@{DOMAIN}", "", f"{number}recipient@{DESTINATION}"])
        user = "owner@example.net"
        self._run("user", "add", user, "--admin")
        self._run("domain", "add", DOMAIN, "--user", user)
        self._run("domain", "verify", DOMAIN, "--force")
        self._run("import", str(rows))

        # A first start makes the keys of the host name; that is not what is measured.
        self._serve(self._template, 1)
        wait_for_banner(self.port, self.process)
        self.stop()


class TrustedSmtpy(Smtpy):
    """
    The default: SPF, DKIM and DMARC verified, header rewritten to reverse addresses, two DKIM signatures (RSA and Ed25519), an ARC set.
    Its messages are signed by a domain that rejects forgeries.
    """

    name = "SMTPy, judging and signing"
    mode = "private"

    def source(self, size):
        return ["-F", str(self._dns.signed_message(size)), "-f", f"source@{SIGNED_SOURCE}"]

    def records(self):
        """What makes the domain ready to send: the keys that this instance signs with, and an MX that leads to it."""
        return [f"{DOMAIN}. MX 10 {HOST}.", *self._keys.splitlines()]

    def begin_to_sign(self):
        for name in (DOMAIN, HOST):
            # Not all records that it looks for are there; these are.
            subprocess.run(
                [self._executable, "domain", "check", name], env=self._environment(self._template, 1), check=False, stdout=subprocess.DEVNULL)

    def _prepare(self):
        super()._prepare()
        self._keys = self._run("domain", "keys", DOMAIN) + "\n" + self._run("domain", "keys", HOST)


class Postfix:
    """A fair Postfix: no input throttle, 20 deliveries at once from the start, the aliases in a hash table, no chroot, no TLS."""

    name = "Postfix"
    warm_up_rounds = 1

    @staticmethod
    def source(size):
        return ["-l", str(size), "-f", f"source@{PLAIN_SOURCE}"]

    def __init__(self, work):
        self._folder = pathlib.Path(work) / "postfix"
        self.process = None
        self.port = free_port()

    def start(self, sink_port):
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lay_out(sink_port)
        self.process = subprocess.Popen(
            ["/usr/lib/postfix/sbin/master", "-c", str(self._folder / "conf"), "-d"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        return wait_for_banner(self.port, self.process)

    def stop(self):
        stop(self.process)

    def _lay_out(self, sink_port):
        conf, queue, data = (self._folder / name for name in ("conf", "queue", "data"))
        owner, drop = pwd.getpwnam("postfix"), grp.getgrnam("postdrop")
        for folder in (conf, queue, data):
            folder.mkdir(parents=True)
        for folder in [self._folder, *self._folder.parents]:
            if not os.stat(folder).st_mode & 0o001:
                raise RuntimeError(f"{folder} must be open (mode o+x) to the user postfix")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        (queue / "pid").mkdir()
        for name in "active bounce corrupt defer deferred flush hold incoming private saved trace public maildrop".split():
            (queue / name).mkdir(mode=0o700)
            os.chown(queue / name, owner.pw_uid, drop.gr_gid if name in ("public", "maildrop") else 0)
        os.chmod(queue / "public", 0o710)
        os.chmod(queue / "maildrop", 0o730)
        (self._folder / "mail.log").touch()
        with open(conf / "virtual", "w", encoding="ascii") as file:
            for number in range(ALIASES + 1):
                file.write(f"{number}alias@{DOMAIN} {number}recipient@{DESTINATION}\n")
        (conf / "main.cf").write_text(self._main(conf, queue, data, sink_port))
        (conf / "master.cf").write_text(self._master())
        subprocess.run(["postmap", "-c", str(conf), f"hash:{conf}/virtual"], check=True)

    def _main(self, conf, queue, data, sink_port):
        return f"""compatibility_level = 3.6
config_directory = {conf}
queue_directory = {queue}
data_directory = {data}
maillog_file = {self._folder}/mail.log
maillog_file_prefixes = {self._folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.postfix.test
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_alias_domains = {DOMAIN}
virtual_alias_maps = hash:{conf}/virtual
relayhost = [127.0.0.1]:{sink_port}
disable_dns_lookups = yes
in_flow_delay = 0
initial_destination_concurrency = 20
"""

    def _master(self):
        return f"""127.0.0.1:{self.port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class SmtpSink:
    """Postfix's smtp-sink; its running count is read from a file in memory, so that counting wakes nobody."""

    def __init__(self):
        self.port = free_port()
        self._path = pathlib.Path(f"/dev/shm/smtpy-bench-sink-{os.getpid()}-{self.port}")
        self._file = open(self._path, "wb")
        self.process = subprocess.Popen(
            ["/usr/sbin/smtp-sink", "-c", "-u", "nobody", "-m", "1000", f"127.0.0.1:{self.port}", "1000"],
            stdout=self._file, stderr=subprocess.DEVNULL)
        wait_for_banner(self.port, self.process)

    def count(self):
        with open(self._path, "rb") as file:
            file.seek(max(0, os.path.getsize(self._path) - 400))
            counts = re.findall(rb"mesg=(\d+)", file.read())
        return int(counts[-1]) if counts else 0

    def stop(self):
        stop(self.process)
        self._file.close()
        self._path.unlink()


class LightSink:
    """The C# sink of tests/Benchmarks, for messages so large that smtp-sink itself would be what is measured."""

    def __init__(self, instruments):
        self.port = free_port()
        self.process = subprocess.Popen(
            [instruments, "sink", str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def count(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def stop(self):
        stop(self.process)
