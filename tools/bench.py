#!/usr/bin/env python3
"""Runs every benchmark and writes build/bench.json and the tables of docs/benchmarks.md.

Each figure with a floor is measured in the same run as its floor, several times; what is shown is
the median over the runs. Nothing here decides whether a figure is good.
"""
import argparse
import datetime
import gzip
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import bench_load

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5


def lines_of(command: list[str], timeout_s: int = 600) -> list[dict]:
    print("$", " ".join(command), file=sys.stderr, flush=True)
    out = subprocess.run(command, check=True, capture_output=True, text=True,
                         timeout=timeout_s).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def google(program: Path) -> list[dict]:
    command = [str(program), "--benchmark_format=json", f"--benchmark_repetitions={RUNS}",
               "--benchmark_report_aggregates_only=true"]
    print("$", " ".join(command), file=sys.stderr, flush=True)
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900).stdout
    return [it for it in json.loads(out)["benchmarks"] if it["aggregate_name"] == "median"]


def micro_table(rows: list[dict]) -> str:
    text = "| benchmark | median CPU |\n|---|---|\n"
    for it in rows:
        if "items_per_second" in it:
            text += f"| `{it['run_name']}` | {it['items_per_second']:,.0f} commands a second |\n"
            continue
        if "s_per_decision" in it:
            text += f"| `{it['run_name']}` | {it['s_per_decision'] * 1e9:.0f} ns |\n"
        else:
            text += f"| `{it['run_name']}` | {it['cpu_time']:.4g} {it['time_unit']} |\n"
    return text


def latency(bin_dir: Path) -> tuple[dict, str]:
    """With both kinds of `[journal] sync`, by turns."""
    runs: dict[str, list[dict]] = {"process": [], "power": []}
    for _ in range(RUNS):
        for sync, rows in runs.items():
            lines = lines_of([str(bin_dir / "latency_bench"), "3000", sync])
            rows.append({it["name"]: it for it in lines})

    def median(sync: str, name: str, which: str) -> float:
        return statistics.median(run[name][which] for run in runs[sync])

    text = "| message | `sync` | p50 | p99 |\n|---|---|---|---|\n"
    for sync, name in (("process", "echo"), ("process", "hold_or_retrieve"),
                       ("power", "hold_or_retrieve")):
        p50, p99 = (median(sync, name, which) for which in ("p50_us", "p99_us"))
        is_echo = name == "echo"
        text += (f"| {name.replace('_', ' ')} | {'' if is_echo else sync} | {p50:.0f} us "
                 f"| {p99:.0f} us |\n")
    for which in ("p50_us", "p99_us"):
        ratio = statistics.median(run["hold_or_retrieve"][which] / run["echo"][which]
                                  for run in runs["process"])
        text += f"\nCommand over echo at {which[:3]}: {ratio:.1f} (median of {RUNS} runs).\n"
    command = "hold_or_retrieve"
    price = [median("power", command, which) / median("process", command, which)
             for which in ("p50_us", "p99_us")]
    text += (f"\nThe price of `sync = \"power\"`: {price[0]:.1f} times `\"process\"` at p50, "
             f"{price[1]:.1f} times at p99.\n")
    return runs, text


SIGNALLING_RATES = ["25", "50", "100", "200"]


def signalling(bin_dir: Path) -> tuple[list[dict], str]:
    """Three runs of each server, by turns; the medians of each thread and of the sums."""
    rows = []
    for _ in range(3):
        for server in ("bare", "whole"):
            rows += lines_of([str(bin_dir / "signalling_bench"), server, "8", *SIGNALLING_RATES])
    threads = sorted({name for row in rows for name in row["threads"]},
                     key=lambda name: -max(row["threads"].get(name, 0) for row in rows))
    threads = [name for name in threads if max(row["threads"].get(name, 0) for row in rows) >= 1]
    text = "| server | calls/s | all succeeded | CPU per call | " + " | ".join(threads) + " |\n"
    text += "|---" * (4 + len(threads)) + "|\n"
    for server in ("bare", "whole"):
        for rate in SIGNALLING_RATES:
            same = [row for row in rows
                    if row["server"] == server and row["rate_per_s"] == int(rate)]
            if not same:
                continue
            medians = [statistics.median(row["cpu_us_per_call"] for row in same)]
            medians += [statistics.median(row["threads"].get(name, 0) for row in same)
                        for name in threads]
            success = "yes" if all(row["all_succeeded"] for row in same) else "no"
            text += (f"| {server} | {rate} | {success} | "
                     + " | ".join(f"{it:.0f} us" for it in medians) + " |\n")
    return rows, text


def media(bin_dir: Path) -> tuple[list[dict], str]:
    rows = lines_of([str(bin_dir / "media_bench")], 900)
    text = "```\n" + "\n".join(json.dumps(it) for it in rows) + "\n```\n"
    return rows, text


def floods(bin_dir: Path) -> tuple[list[dict], str]:
    """What the scenario tests of floods measure."""
    command = [str(bin_dir / "scenario_interop"), "--gtest_filter=Floods.*"]
    print("$", " ".join(command), file=sys.stderr, flush=True)
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
    rows = [json.loads(line.removeprefix("MEASURED ")) for line in out.splitlines()
            if line.startswith("MEASURED ")]
    text = ("| flood of | datagrams a second | server's CPU | command p50 | command max | "
            "RTP packets heard of those due |\n|---|---|---|---|---|---|\n")
    for it in rows:
        text += (f"| {it['flood']} | {it['datagrams_per_s']:,} | {it['cpu_percent']} % | "
                 f"{it['command_p50_us'] / 1000:.1f} ms | {it['command_max_us'] / 1000:.0f} ms | "
                 f"{it['packets_heard']} of {it['packets_due']} |\n")
    return rows, text


def desktop(build: Path) -> tuple[dict, str]:
    """How large what a browser loads is, by kind."""
    sizes: dict[str, list[int]] = {}
    for file in sorted((build / "share/cordboard/desktop").rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            sum_of = sizes.setdefault(file.suffix.removeprefix("."), [0, 0])
            sum_of[0] += len(content)
            sum_of[1] += len(gzip.compress(content, 9))
    text = "| kind | bytes | with gzip |\n|---|---|---|\n"
    for kind, (plain, packed) in sizes.items():
        text += f"| {kind} | {plain:,} | {packed:,} |\n"
    return sizes, text


def machine() -> str:
    model = next(line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text()
                 .splitlines() if line.startswith("model name"))
    cores = Path("/proc/cpuinfo").read_text().count("processor\t")
    return f"{cores} x {model}, Linux {platform.release().split('-')[0]}, shared and noisy"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    build = parser.parse_args().build.resolve()
    bin_dir = build / "bin"
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True,
                            capture_output=True, check=True).stdout.strip()
    decide, request = google(bin_dir / "decide_bench"), google(bin_dir / "request_bench")
    engine = google(bin_dir / "engine_bench")
    latency_rows, latency_text = latency(bin_dir)
    signalling_rows, signalling_text = signalling(bin_dir)
    media_rows, media_text = media(bin_dir)
    floods_rows, floods_text = floods(bin_dir)
    desktop_sizes, desktop_text = desktop(build)
    load_rows, load_text = bench_load.measure(bin_dir / "cordboard")
    (ROOT / "build/bench.json").write_text(json.dumps(
        {"commit": commit, "machine": machine(), "decide": decide, "request": request,
         "engine": engine, "load": load_rows,
         "latency": latency_rows, "signalling": signalling_rows, "media": media_rows,
         "floods": floods_rows, "desktop": desktop_sizes}, indent=1))
    page = (ROOT / "tools/benchmarks.md.in").read_text().format(
        date=datetime.date.today(), commit=commit, machine=machine(), runs=RUNS,
        decide=micro_table(decide), request=micro_table(request), latency=latency_text,
        signalling=signalling_text, media=media_text, engine=micro_table(engine),
        load=load_text, floods=floods_text, desktop=desktop_text)
    (ROOT / "docs/benchmarks.md").write_text(page)
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
