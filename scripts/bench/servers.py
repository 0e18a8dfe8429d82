"""The two contenders and the sinks, each on private loopback ports with folders of its own."""

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

ALIASES = 10_000
DOMAIN = "alias.test"
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


class Smtpy:
    """`smtpy serve`, relaying to the sink. The aliases are imported once and the data folder is copied for each start."""

    name = "SMTPy"

    def __init__(self, executable, work):
        self._executable, self._work = executable, pathlib.Path(work)
        self._template = self._work / "smtpy-template"
        self.process = None
        self.port = free_port()
        self._prepare()

    def start(self, sink_port):
        data = self._work / "smtpy-data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self._template, data)
        log = open(self._work / "smtpy.log", "wb")
        self.process = subprocess.Popen([self._executable, "serve"], env=self._environment(data, sink_port), stdout=log, stderr=log)
        return wait_for_banner(self.port, self.process)

    def stop(self):
        stop(self.process)

    def _environment(self, data, sink_port):
        return os.environ | {
            "SMTPY_DATA": str(data),
            "SMTP_LISTEN": f"127.0.0.1:{self.port}",
            "SUBMISSION_LISTEN": f"127.0.0.1:{free_port()}",
            "API_LISTEN": f"127.0.0.1:{free_port()}",
            "SMTP_HOSTNAME": "mx.smtpy.test",
            "SMTP_DELIVERY": "relay",
            "SMTP_RELAY": f"smtp://127.0.0.1:{sink_port}",
        }

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
        for command in (
            ["user", "add", user, "--admin"],
            ["domain", "add", DOMAIN, "--user", user],
            ["domain", "verify", DOMAIN, "--force"],
            ["import", str(rows)],
        ):
            subprocess.run(
                [self._executable, *command], env=self._environment(self._template, 1), check=True, stdout=subprocess.DEVNULL)


class Postfix:
    """A fair Postfix: no input throttle, 20 deliveries at once from the start, the aliases in a hash table, no chroot, no TLS."""

    name = "Postfix"

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
