#!/usr/bin/env python3
"""Calls with audio through the real server for a long time, and what is left of them in the end.

`cordboard serve` with SIP; SIPp customers who send RTP; SIPp phones that echo it; `cordboard load` as
the desktops, which answer, hold, mute, record and complete. Prints a line every SAMPLE_S seconds.
Exit status 0: everything was given back, memory was flat and nothing was logged as an error.
docs/soak.md says what is demanded.
"""
import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "test/scenario/sipp"
SAMPLE_S = 10
DRAIN_S = 60
# The resident set after the warm-up may grow by what is kept for desktops on purpose, and by this:
# the databases' page caches and the allocator's. One leg forgotten in each call costs 10 KiB a call.
MEMORY_MORE_MAX = 8 * 2**20
ANSWER_BYTES = 512  # Of one that is kept; the metric counts them.
# One may be open for a moment, such as that of this look itself.
DESCRIPTORS_MORE_MAX = 2

CONFIG = """
[server]
listen = "127.0.0.1:0"
[sip]
listen = ["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]
[media]
address = "127.0.0.1"
ports = "20000-29999"
[recording]
directory = "{directory}/recordings"
[journal]
path = "{directory}/cordboard.db"
[[trunk]]
name = "carrier"
peers = ["127.0.0.1"]
[[queue]]
name = "support"
numbers = ["18005550100"]
"""
AGENT = """[[agent]]
id = "sim-{0}"
password = "soak"
extension = "{1}"
phone = "sip:{1}@127.0.0.1:{2}"
queues = ["support"]
"""
GAUGES = {
    "legs": "cord_sip_legs", "calls": "cord_calls", "inter": "cord_interactions",
    "streams": "cord_media_streams", "trans": "cord_sip_transactions",
    "events": "cord_session_event_bytes", "answers": "cord_session_answers",
    "rtp": "cord_media_rtp_packets_total",
}
ZERO_AT_THE_END = ("legs", "calls", "inter", "streams")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, program: Path, directory: Path, agents: int, phone_port: int):
        (directory / "recordings").mkdir()
        config = directory / "cordboard.toml"
        config.write_text(CONFIG.format(directory=directory) + "".join(
            AGENT.format(i, 1000 + i, phone_port) for i in range(1, agents + 1)))
        self.log_file = directory / "server.log"
        self.process = subprocess.Popen([program, "serve", "--config", config], text=True,
                                        stdout=subprocess.PIPE, stderr=self.log_file.open("w"))
        self.ports = {}
        while len(self.ports) < 3:
            line = self.process.stdout.readline()
            found = re.match(r"listening (.+?)[ :]127\.0\.0\.1:(\d+)", line)
            if not found:
                raise SystemExit(f"no server: {line}{self.log_file.read_text()}")
            self.ports[found.group(1)] = int(found.group(2))

    def sample(self) -> dict[str, float]:
        url = f"http://127.0.0.1:{self.ports['http']}/metrics"
        page = urllib.request.urlopen(url, timeout=30).read().decode()
        row = {name: 0.0 for name in GAUGES}
        for line in page.splitlines():
            for name, metric in GAUGES.items():
                if re.match(metric + r"[ {]", line):
                    row[name] += float(line.rsplit(" ", 1)[1])
        proc = Path(f"/proc/{self.process.pid}")
        status = (proc / "status").read_text()
        row["rss"] = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024.0
        row["kept"] = row["events"] + row["answers"] * ANSWER_BYTES
        row["fds"] = len(os.listdir(proc / "fd"))
        row["done"] = self.log_file.read_text().count("leg.released") / 2
        return row

    def loss(self) -> int:
        return sum(map(int, re.findall(r" packets_lost=(\d+)", self.log_file.read_text())))

    def errors(self) -> list[str]:
        return [line for line in self.log_file.read_text().splitlines()
                if re.match(r"\S+ (error|critical) ", line)]


def sipp(directory: Path, name: str, *options: str) -> subprocess.Popen:
    command = ["sipp", "-sf", str(SCENARIOS / f"soak_{name}.xml"), "-i", "127.0.0.1", "-nostdin",
               "-m", "100000000", *options]
    return subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL,
                            stdout=(directory / f"{name}.log").open("w"),
                            stderr=subprocess.STDOUT)


def show(seconds: float, row: dict[str, float]) -> None:
    print(f"{seconds:7.0f} {row['done']:8.0f} {row['legs']:6.0f} {row['calls']:6.0f} "
          f"{row['inter']:6.0f} {row['streams']:8.0f} {row['trans']:6.0f} {row['fds']:5.0f} "
          f"{row['rss'] / 2**20:8.1f} {row['kept'] / 2**20:8.1f} {row['rtp']:10.0f}", flush=True)


def growth(rows: list[dict[str, float]]) -> float:
    """Of memory, less what is kept on purpose: the fitted line's, from the first row to the last."""
    if len(rows) < 2:
        return 0.0
    memory = [row["rss"] - row["kept"] for row in rows]
    return statistics.linear_regression(range(len(rows)), memory).slope * (len(rows) - 1)


def await_end(server: Server, started: float) -> dict[str, float]:
    deadline = time.monotonic() + DRAIN_S
    while True:
        row = server.sample()
        is_over = all(row[name] == 0 for name in ZERO_AT_THE_END)
        if is_over or time.monotonic() > deadline:
            show(time.monotonic() - started, row)
            return row
        time.sleep(0.5)


def judge(server: Server, before: dict, rows: list[dict], after: dict, load_status: int) -> bool:
    warm = rows[len(rows) // 4:]
    more = growth(warm)
    calls = warm[-1]["done"] - warm[0]["done"]
    kept = [f"{name} {after[name]:.0f}" for name in ZERO_AT_THE_END if after[name] != 0]
    errors = server.errors()
    talked = rows[-1]["rtp"] > rows[0]["rtp"] and after["done"] > before["done"]
    checks = [
        ("calls with audio went through", talked, f"{after['done']:.0f} calls"),
        ("nothing is left", not kept, ", ".join(kept) or "zero legs, calls, streams"),
        ("descriptors", after["fds"] <= before["fds"] + DESCRIPTORS_MORE_MAX,
         f"{before['fds']:.0f} before, {after['fds']:.0f} after"),
        ("memory is flat", more <= MEMORY_MORE_MAX,
         f"{more / 2**20:.1f} MiB more in {calls:.0f} calls after the warm-up"),
        ("desktops lost nothing", load_status == 0, f"exit status {load_status}"),
        ("no error in the log", not errors, "\n".join(errors[:5]) or "none"),
    ]
    for name, holds, figure in checks:
        print(f"{'ok    ' if holds else 'FAILED'} {name}: {figure}")
    print(f"RTP packets lost on the way to us: {server.loss()}")
    return all(holds for _, holds, _ in checks)


def soak(options: argparse.Namespace, directory: Path) -> bool:
    program = options.build.resolve() / "bin/cordboard"
    phone_port, seconds = free_port(), options.minutes * 60
    (directory / "speech.ulaw").write_bytes(bytes(range(256)) * 313)  # Ten seconds of it.
    server = Server(program, directory, options.agents, phone_port)
    processes = [server.process]
    try:
        before = server.sample()
        phones = sipp(directory, "phone", "-p", str(phone_port), "-rtp_echo", "-mp",
                      str(free_port()))
        load = subprocess.Popen(
            [program, "load", "--server", f"127.0.0.1:{server.ports['http']}", "--agents",
             str(options.agents), "--rate", str(options.commands), "--warm-up", "5", "--duration",
             str(int(seconds + DRAIN_S))], env={**os.environ, "CORDBOARD_PASSWORD": "soak"},
            stdout=(directory / "load.log").open("w"), stderr=subprocess.STDOUT)
        processes += [phones, load]
        time.sleep(5)
        customers = sipp(directory, "customer", "-p", str(free_port()), "-s", "18005550100", "-d",
                         str(options.talk * 1000), "-r", str(options.rate), "-mp",
                         str(free_port()),
                         f"127.0.0.1:{server.ports['sip udp']}")
        processes.append(customers)
        print("seconds    calls   legs  calls  inter  streams  trans   fds  RSS MiB  kept MiB"
              "    packets", flush=True)
        started, rows = time.monotonic(), []
        while time.monotonic() < started + seconds:
            time.sleep(SAMPLE_S)
            rows.append(server.sample())
            show(time.monotonic() - started, rows[-1])
            if any(it.poll() is not None for it in processes):
                print("FAILED a process has ended")
                return False
        customers.send_signal(signal.SIGUSR1)  # No new calls; it ends with its last one.
        await_end(server, started)
        load_status = load.wait(DRAIN_S + 60)
        return judge(server, before, rows, await_end(server, started), load_status)
    finally:
        for it in processes:
            it.kill()
            it.wait()
        for name in ("customer", "phone", "load"):
            if options.verbose:
                print((directory / f"{name}.log").read_text()[-3000:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=1, help="calls a second")
    parser.add_argument("--talk", type=int, default=10, help="seconds a customer stays")
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--commands", type=int, default=5, help="desktop commands a second")
    parser.add_argument("--verbose", action="store_true", help="what the peers printed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        return 0 if soak(options, Path(directory)) else 1


if __name__ == "__main__":
    sys.exit(main())
