#!/usr/bin/env python3
"""Measures what docs/performance.md shows, and prints its tables in Markdown.

    cargo build --release -p sealbank -p sealbank-benches --bins
    python3 benches/measure.py [--counts 1000 10000] [--threads 1 2] [--rounds 5] [--out DIR]

Rates are certificates per second as the programs time themselves, so the start of a process and
the reading of the raw limit's keys don't count. Raw limit and bulk run take turns; a bulk run stands
beside the raw limits before and after it. Counts above 10,000 repeat a corpus of 10,000 requests: each place is a request of its own.
Linux only: peak memory is VmHWM of /proc.
"""

import argparse
import fcntl
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
BUILD = "cargo build --release -p sealbank -p sealbank-benches --bins"
BASE = 10_000
ENVIRONMENT = {**os.environ, "SEALBANK_ROOT_PASSPHRASE": "measured and thrown away"}
ENVIRONMENT.pop("SEALBANK_CA_PASSPHRASE", None)


def run(program, *arguments):
    """Runs a program to its end: what it printed, and its peak memory in KiB as last seen."""
    command = [str(RELEASE / program), *map(str, arguments)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=out, stderr=said, env=ENVIRONMENT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, high_water(process.pid))
            time.sleep(0.02)
        out.seek(0)
        said.seek(0)
        if process.returncode != 0:
            sys.exit(f"error: {' '.join(command)} ended with {process.returncode}\n{said.read()[-2000:]}")
        return out.read(), peak


def high_water(pid):
    """VmHWM in KiB; zero when the process has just ended. (ru_maxrss would count Python's own.)"""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def empty_process():
    """Peak memory in KiB of `sealbank --version`, held at its one write by a pipe that is full."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        pass
    fcntl.fcntl(writer, fcntl.F_SETFL, 0)
    process = subprocess.Popen([RELEASE / "sealbank", "--version"], stdout=writer, stderr=subprocess.DEVNULL)
    os.close(writer)
    time.sleep(0.5)
    peak = high_water(process.pid)
    os.close(reader)
    process.wait()
    if peak == 0:
        sys.exit("error: `sealbank --version` ended before its memory was read")
    return peak


class Bench:
    """Corpora that are made once, and a fresh CA for every run."""

    def __init__(self, base):
        self.base = base
        run("corpus", base / "corpus", BASE)

    def bundle(self, name, count):
        """The first `count` requests of the corpus, which is repeated if it is too short."""
        path = self.base / f"{name}-{count}.pem"
        if not path.exists():
            end = "-----END CERTIFICATE REQUEST-----\n"
            text = (self.base / "corpus" / f"{name}.pem").read_text()
            requests = [part + end for part in text.split(end) if part]
            with path.open("w") as file:
                for begun in range(0, count, len(requests)):
                    file.write("".join(requests[:count - begun]))
        return path

    def sign(self, key, bundle, count, threads, audit=False):
        """A bulk run with a CA of its own: its rate, its peak memory, and the audit's rate if asked."""
        place = Path(tempfile.mkdtemp(dir=self.base))
        run("sealbank", "ca", "init", "--dir", place / "ca", "--root-dir", place / "root", "--key", key)
        told, peak = run("sealbank", "ca", "sign", "--dir", place / "ca", "--bulk", bundle, "--subject",
                         "CN=user{position:07}", "--out", place / "out.pem", "--threads", threads, "--json")
        report = json.loads(told)
        if report["signed"] != count:
            sys.exit(f"error: {report['signed']} of {count} requests of {bundle} were signed")
        rate = None
        if audit:
            begun = time.perf_counter()
            run("sealbank", "ca", "audit", "--dir", place / "ca")
            rate = count / (time.perf_counter() - begun)
        shutil.rmtree(place)
        return count / report["seconds"], peak, rate


def raw(key, count, threads):
    report = json.loads(run("sign-corpus", "raw", key, count, threads)[0])
    return count / report["seconds"]


def compare(bench, key, count, threads, rounds):
    """Rates of the bulk run, those of the raw limit around each, the peaks, and the audit's rate after the last."""
    limits, rates, peaks, audited = [raw(key, count, threads)], [], [], None
    bundle = bench.bundle(key, count)
    for number in range(rounds):
        rate, peak, audited = bench.sign(key, bundle, count, threads, audit=number == rounds - 1)
        rates.append(rate)
        peaks.append(peak)
        limits.append(raw(key, count, threads))
        print(f"{key} {count} x{threads}: {rates[-1]:,.0f} of {limits[-1]:,.0f}/s", file=sys.stderr)
    return limits, rates, peaks, audited


def ratio(limits, rates):
    """Time of the raw limit over time of the bulk run, over all turns; and of each turn beside its neighbours."""
    whole = statistics.mean(1 / limit for limit in limits) / statistics.mean(1 / rate for rate in rates)
    around = [rate * (1 / before + 1 / after) / 2 for rate, before, after in zip(rates, limits, limits[1:])]
    return f"**{whole:.3f}** ({spread(around, '.3f')})"


def spread(values, form):
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def turns_for(count, rounds):
    """Short runs are many, so that each count is measured over the machine's moods."""
    if count > 100_000:
        return min(rounds, 2)
    return max(rounds, min(4 * rounds, 20 * 10_000 // count))


def rows(bench, key, counts, threads, rounds, empty):
    speed = [f"| {key} CA and requests | threads | raw limit | bulk | ratio |", "|---|---|---|---|---|"]
    memory = ["| requests | threads | peak, MiB | above the empty process, MiB | audit, certificates/s |",
              "|---|---|---|---|---|"]
    for count in counts:
        for workers in threads:
            turns = turns_for(count, rounds)
            limits, rates, peaks, audited = compare(bench, key, count, workers, turns)
            speed.append(f"| {count:,} | {workers} | {spread(limits, ',.0f')} | {spread(rates, ',.0f')} "
                         f"| {ratio(limits, rates)} |")
            memory.append(f"| {count:,} | {workers} | {max(peaks) / 1024:.1f} "
                          f"| {(max(peaks) - empty) / 1024:.1f} | {audited:,.0f} |")
    return "\n".join(speed) + "\n\n" + "\n".join(memory) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--rsa-counts", type=int, nargs="*", default=[10_000], help="with an RSA-2048 CA")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5, help="up to 4 times as many for short runs, at most 2 above 100,000 requests")
    parser.add_argument("--out", type=Path, default=ROOT / "target" / "measure")
    asked = parser.parse_args()
    missing = [name for name in ("sealbank", "corpus", "sign-corpus") if not (RELEASE / name).exists()]
    if missing:
        sys.exit(f"error: not in {RELEASE}: {', '.join(missing)}\nhelp: {BUILD}")
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.out) as base:
        bench, empty = Bench(Path(base)), empty_process()
        tables = [f"The empty process takes {empty / 1024:.1f} MiB.\n"]
        for key, counts in (("p256", asked.counts), ("rsa2048", asked.rsa_counts)):
            if counts:
                tables.append(rows(bench, key, counts, asked.threads, asked.rounds, empty))
    print("\n".join(tables), end="")
    (asked.out / "measure.md").write_text("\n".join(tables))


if __name__ == "__main__":
    main()
