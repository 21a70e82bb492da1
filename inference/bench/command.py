"""The bench as a command: measure, print, and append to BENCHMARKS.md."""

import argparse
import os
import time
from datetime import date
from pathlib import Path

import torch

from inference.bench.measure import ROUNDS, Bench, Row, Sizes
from inference.bench.table import machine, table
from inference.errors import EngineError

PACKAGE = Path(__file__).parents[1]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model", type=Path, default=PACKAGE / "pocket" / "checkpoint", metavar="DIR", help="(the pocket checkpoint)")
    add("--threads", type=positive, default=os.cpu_count(), metavar="N", help="of torch, for both (all cores)")
    add("--rounds", type=positive, default=ROUNDS, metavar="N", help=f"repeats of each measurement ({ROUNDS})")
    add("--gpu", action="store_true", help="the kernels on a GPU instead, with random weights of GLM-4.5-Air in FP8")
    add("--prefill", action="store_true", help="with --gpu: how fast prompts are read, cached and not")
    add("--layers", type=positive, metavar="N", help="with --gpu: of the network's 46; few make a quick first look")
    add("--append", type=Path, default=PACKAGE / "BENCHMARKS.md", metavar="FILE", help="(inference/BENCHMARKS.md)")


def main(args: argparse.Namespace) -> int:
    if args.gpu:
        return on_gpu(args)
    torch.set_num_threads(args.threads)
    try:
        args.append.open("a", encoding="utf-8").close()  # now, not after minutes
    except OSError as error:
        raise EngineError(
            f"{args.append} can't be written: {error.strerror}. Name another file with --append."
        ) from error
    began = time.monotonic()
    rows: list[Row] = []
    for row in Bench(args.model, Sizes(rounds=args.rounds)).rows():
        rows.append(row)
        print(*filter(None, (row.what, row.ours, row.other, row.result, row.goal and f"goal {row.goal}")), sep=" · ")
    said = entry(rows, time.monotonic() - began, args.rounds)
    print(f"\n{said}")
    with args.append.open("a", encoding="utf-8") as file:
        file.write(f"\n{said}")
    return 0


def on_gpu(args: argparse.Namespace) -> int:
    from inference.bench.gpu import measure_gpu  # they need Triton
    from inference.bench.prefill import measure_prefill

    return (measure_prefill if args.prefill else measure_gpu)(args.layers)


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on.")
    return int(text)


def entry(rows: list[Row], seconds: float, rounds: int) -> str:
    return (
        f"### {date.today()}\n{machine()}; {rounds} rounds, {seconds:.0f} s; load {os.getloadavg()[0]:.1f}.\n\n"
        f"{table(rows)}\n"
    )
