"""The whole server under load: `cordboard serve` with simulated telephony and `cordboard load`, as
two processes on the same cores. Used by tools/bench.py; run alone it prints its tables.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

RUNS = 3
CONFIG = """
[server]
listen = "127.0.0.1:0"
[platform]
driver = "sim"
calls-per-minute = {calls}
talk-min = "10s"
talk-max = "30s"
agents = {agents}
agent-password = "load"
[recording]
directory = "{directory}/recordings"
[journal]
path = "{directory}/journal.db"
[log]
level = "warn"
[[queue]]
name = "support"
numbers = ["100"]
"""


def resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A server of its own, as long as the block lasts."""

    def __init__(self, program: Path, agents: int, calls: int):
        self.program, self.agents, self.calls = program, agents, calls

    def __enter__(self):
        self.files = tempfile.TemporaryDirectory()
        config = Path(self.files.name) / "cordboard.toml"
        config.write_text(CONFIG.format(calls=self.calls, agents=self.agents,
                                        directory=self.files.name))
        self.process = subprocess.Popen([self.program, "serve", "--config", config], text=True,
                                        stdout=subprocess.PIPE)
        self.address = self.process.stdout.readline().split()[-1]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.files.cleanup()

    def load(self, *options: str) -> tuple[dict, int]:
        """The figures of one load, and the most memory the server had meanwhile in KiB."""
        most = [0]
        done = threading.Event()

        def watch():
            while not done.wait(0.2):
                most[0] = max(most[0], resident_kib(self.process.pid))

        cpu_before = cpu_seconds(self.process.pid)
        watcher = threading.Thread(target=watch)
        watcher.start()
        out = Path(self.files.name) / "load.json"
        command = [str(self.program), "load", "--server", self.address, "--agents",
                   str(self.agents), "--json", str(out), *options]
        print("$", " ".join(command), file=sys.stderr, flush=True)
        ended = subprocess.run(command, env={**os.environ, "CORDBOARD_PASSWORD": "load"},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
        done.set()
        watcher.join()
        figures = json.loads(out.read_text())["result"]
        figures["exit_status"] = ended.returncode
        figures["server_cpu_s"] = cpu_seconds(self.process.pid) - cpu_before
        return figures, most[0]


def idle(program: Path, agents: int) -> dict:
    with Server(program, agents, calls=0) as server:
        time.sleep(1)
        before = resident_kib(server.process.pid)
        figures, most = server.load("--rate", "0", "--warm-up", "5", "--duration", "5")
        return {"agents": agents, "log_in_s": figures["log_in_s"],
                "kib_per_session": (most - before) / agents, "resident_mib": most / 1024,
                "sound": figures["sound"]}


def commands(program: Path, agents: int, rate: int) -> dict:
    with Server(program, agents, calls=3000) as server:
        figures, _ = server.load("--rate", str(rate), "--warm-up", "25", "--duration", "20")
        return {"agents": agents, "rate": rate, **figures}


def storms(program: Path, agents: int) -> dict:
    with Server(program, agents, calls=600) as server:
        figures, _ = server.load("--rate", "100", "--warm-up", "10", "--duration", "20",
                                 "--storms", "3")
        return {"agents": agents, **figures}


def median(rows: list[dict], *path: str) -> float:
    def value(row):
        for key in path:
            row = row[key]
        return row
    return statistics.median(value(row) for row in rows)


def measure(program: Path) -> tuple[dict, str]:
    sessions = [idle(program, 10_000) for _ in range(RUNS)]
    loads = [commands(program, 2_000, 1_000) for _ in range(RUNS)]
    resumed = [storms(program, 10_000) for _ in range(RUNS)]
    took = [it for row in resumed for it in row["storms_s"]]
    rows = sessions + loads + resumed
    text = f"Medians of {RUNS} runs. Nothing lost, doubled or unanswered: "
    text += "yes" if all(row["sound"] for row in rows) else "**no**"
    text += "\n\n| figure | |\n|---|---|\n"
    text += (f"| 10,000 agents log in, plain passwords | {median(sessions, 'log_in_s'):.1f} s, "
             f"{10_000 / median(sessions, 'log_in_s'):.0f} a second |\n")
    text += f"| memory of an idle session | {median(sessions, 'kib_per_session'):.1f} KiB |\n"
    text += (f"| the server with 10,000 of them | {median(sessions, 'resident_mib'):.0f} MiB |\n")
    for name, key in (("response", "command"), ("last event", "command_to_last_event"),
                      ("event", "event")):
        p50, p90, p99, most = (median(loads, key, it) / 1000
                               for it in ("p50_us", "p90_us", "p99_us", "max_us"))
        text += (f"| 1,000 commands a second, {name} | p50 {p50:.1f} ms, p90 {p90:.1f} ms, "
                 f"p99 {p99:.1f} ms, max {most:.0f} ms |\n")
    text += (f"| the server's CPU, log-in and all, by event told | "
             f"{1e6 * median(loads, 'server_cpu_s') / median(loads, 'events'):.0f} us |\n")
    text += (f"| 10,000 clients drop and resume: the last has its events | "
             f"{statistics.median(took):.1f} s ({min(took):.1f} to {max(took):.1f}, "
             f"{len(took)} storms) |\n")
    return {"idle": sessions, "commands": loads, "storms": resumed}, text


if __name__ == "__main__":
    print(measure(Path(sys.argv[1]).resolve())[1])
