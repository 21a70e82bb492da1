"""Both versions of control groups, as the files they are: a kernel has only one of them at work."""

from pathlib import Path

import pytest

from builder.sandbox.cgroup import CONTROLLERS, Cgroup, CgroupTree, find_tree, remove_stale
from builder.sandbox.interface import Limits

LIMITS = Limits(memory_mb=100, processes=10, cpus=0.5)


@pytest.fixture
def second(tmp_path: Path) -> CgroupTree:
    return CgroupTree(2, dict.fromkeys(CONTROLLERS, tmp_path))


def test_version_2_gets_every_limit_in_one_folder(second: CgroupTree, tmp_path: Path):
    Cgroup(second, LIMITS)
    (folder,) = tmp_path.iterdir()
    written = {file.name: file.read_text() for file in folder.iterdir()}
    assert written["memory.max"] == str(100 * 2**20)
    assert written["memory.oom.group"] == "1"
    assert int(written["pids.max"]) >= 10
    assert written["cpu.max"] == "50000 100000"


def test_version_2_says_when_the_kernel_killed(second: CgroupTree, tmp_path: Path):
    group = Cgroup(second, LIMITS)
    (folder,) = tmp_path.iterdir()
    events = folder / "memory.events"
    events.write_text("low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\n")
    assert not group.out_of_memory()
    events.write_text("low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\n")
    assert group.out_of_memory()


def test_version_1_gets_a_folder_per_controller(tmp_path: Path):
    for name in CONTROLLERS:
        (tmp_path / name).mkdir()
    Cgroup(CgroupTree(1, {name: tmp_path / name for name in CONTROLLERS}), LIMITS)
    written = {file.name: file.read_text() for file in tmp_path.glob("*/*/*")}
    assert written["memory.limit_in_bytes"] == str(100 * 2**20)
    assert (written["cpu.cfs_quota_us"], written["cpu.cfs_period_us"]) == ("50000", "100000")
    assert int(written["pids.max"]) >= 10


def test_version_2_is_found_where_controllers_can_be_handed_down(tmp_path: Path):
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    (tmp_path / "cgroup.subtree_control").write_text("")
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(f"30 23 0:26 / {tmp_path} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n")
    own = tmp_path / "own"
    own.write_text("0::/user.slice\n")
    # An ordinary folder is not emptied by rmdir as a control group is, so it counts as not working.
    assert find_tree(mountinfo, own, patience=0) is None
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
    (tmp_path / "cgroup.controllers").write_text("cpu\n")
    assert find_tree(mountinfo, own, patience=0) is None


def test_no_groups_where_nothing_is_mounted(tmp_path: Path):
    for name in ("mountinfo", "own"):
        (tmp_path / name).write_text("")
    assert find_tree(tmp_path / "mountinfo", tmp_path / "own") is None


def test_groups_of_dead_owners_are_removed(second: CgroupTree, tmp_path: Path):
    (tmp_path / "protodex-999999999-aa").mkdir()
    (tmp_path / "protodex-1-aa").mkdir()
    (tmp_path / "other").mkdir()
    remove_stale(second)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["other", "protodex-1-aa"]
