"""The device's clock and its limits: how long something takes, how much of that kernels work, what copying and
multiplying come to here. On a CPU the same runs without graphs."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch._C._autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from inference.fixed import recorded

STEPS = 20


def timed(run: Callable[[], object], device: torch.device, steps: int = STEPS, record: bool = True) -> float:
    """Seconds, on the device's clock where it has one; after runs that compile and warm it."""
    run()
    again = recorded(run, device) if record else run
    if device.type != "cuda":
        began = time.perf_counter()
        for _ in range(steps):
            again()
        return (time.perf_counter() - began) / steps
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    again()
    begin.record()
    for _ in range(steps):
        again()
    end.record()
    torch.cuda.synchronize()
    return float(begin.elapsed_time(end)) / 1e3 / steps


@dataclass(frozen=True, slots=True)
class Busy:
    """Of one run: the seconds from its first kernel to its last, those in which one works, and each kernel's own."""

    whole: float
    working: float
    kernels: dict[str, float] = field(default_factory=dict)

    @property
    def gaps(self) -> float:
        """The share of the time in which nothing works."""
        return 1 - self.working / self.whole if self.whole else 0.0


def watched(run: Callable[[], object], device: torch.device, steps: int = 3) -> Busy:
    """The same as a profiler sees it, which makes a run a little slower than it is."""
    on_gpu = device.type == "cuda"
    activity, kind = (ProfilerActivity.CUDA, DeviceType.CUDA) if on_gpu else (ProfilerActivity.CPU, DeviceType.CPU)
    try:
        with profile(activities=[activity]) as profiled:
            for _ in range(steps):
                run()
            if on_gpu:
                torch.cuda.synchronize()
    except RuntimeError as error:  # of the profiler: what was timed stays
        logging.getLogger(__name__).warning("Kernels can't be watched here: %s", error)
        return Busy(0.0, 0.0)
    spans = [
        (event.time_range.start, event.time_range.end, event.name)
        for event in profiled.events() or ()
        if event.device_type == kind
    ]
    return busy(spans, steps)


def busy(spans: list[tuple[float, float, str]], steps: int) -> Busy:
    """Of spans in microseconds, which may overlap."""
    working, until = 0.0, float("-inf")
    kernels: dict[str, float] = defaultdict(float)
    for begin, end, name in sorted(spans):
        working += max(0.0, end - max(begin, until))
        until = max(until, end)
        kernels[name] += (end - begin) / 1e6 / steps
    whole = until - min(begin for begin, _, _ in spans) if spans else 0.0
    longest = dict(sorted(kernels.items(), key=lambda pair: -pair[1]))
    return Busy(whole / 1e6 / steps, working / 1e6 / steps, longest)


def copy_bandwidth(device: torch.device, count: int = 4 << 30) -> float:
    """Bytes read and written a second."""
    source = torch.zeros(count, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * count / timed(lambda: target.copy_(source), device, record=False)


def multiplications(device: torch.device, side: int = 8192, dtype: torch.dtype = torch.bfloat16) -> float:
    """Operations a second of torch's own product of two square matrices."""
    x, y = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    out = torch.empty_like(x)
    return 2 * side**3 / timed(lambda: torch.mm(x, y, out=out), device, record=False)
