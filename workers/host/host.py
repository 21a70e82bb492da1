"""All apps of this installation: found by id or by slug, at most so many awake at once. Knows nothing of HTTP."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from builder.sandbox import remove_tree
from workers.host.app import App
from workers.host.machine import Machine
from workers.host.served import CURRENT, PROJECT_ID, Release, read_served, write_served
from workers.host.swap import LEFT, ServeError, boot, swap

logger = logging.getLogger(__name__)

TICK = 0.5


class Host:
    def __init__(self, machine: Machine):
        self._machine = machine
        self._folder = machine.root / "host"
        self._apps: dict[str, App] = {}
        self._serving: dict[str, asyncio.Lock] = {}

    @property
    def machine(self) -> Machine:
        return self._machine

    def restore(self) -> None:
        """Know again what was served when the last host ended, however it ended. Apps wake on their first request."""
        for record in sorted(self._folder.glob(f"*/{CURRENT}")):
            folder = record.parent
            try:
                served = read_served(folder, self._machine.root)
            except (ValueError, KeyError, TypeError):
                logger.exception("%s can't be read; its app is not served", record)
                continue
            if served:
                self._apps[folder.name] = App(folder.name, folder, self._machine, served, self._make_room)
                _sweep(folder, served.data)

    def find(self, project_id: str) -> App | None:
        return self._apps.get(project_id)

    def by_slug(self, slug: str) -> App | None:
        return next((app for app in self._apps.values() if app.served.release.slug == slug), None)

    async def serve(self, project_id: str, release: Release, *, keep_data: bool = True) -> None:
        release = replace(release, path=release.path.resolve())
        self._check(project_id, release)
        async with self._alone(project_id):
            app = self._apps.get(project_id)
            if app:
                await swap(self._machine, app, release, keep_data=keep_data)
            else:
                await self._serve_first(project_id, release)

    async def _serve_first(self, project_id: str, release: Release) -> None:
        folder = self._folder / project_id
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        await self._machine.in_thread(_sweep, folder, "")
        if not release.is_static:
            await self._make_room()
        candidate = await boot(self._machine, folder, release)
        try:
            write_served(folder, self._machine.root, candidate.served)
        except OSError:
            await candidate.discard()
            raise
        app = App(project_id, folder, self._machine, candidate.served, self._make_room)
        app.instance = candidate.instance
        self._apps[project_id] = app

    async def delete(self, project_id: str) -> None:
        async with self._alone(project_id):
            app = self._apps.pop(project_id, None)
            if app:
                app.deleted = True  # whoever is waiting for it does not wake it again
                await app.stop()
            if PROJECT_ID.fullmatch(project_id):
                await self._machine.in_thread(remove_tree, self._folder / project_id)

    async def watch(self) -> None:
        """Notice what ended and put to sleep what nobody uses, until cancelled."""
        while True:
            await asyncio.sleep(TICK)
            for app in list(self._apps.values()):
                try:
                    await self._look_after(app)
                except Exception:
                    logger.exception("App %s can't be looked after", app.project_id)

    async def _look_after(self, app: App) -> None:
        app.notice_end()
        instance = app.instance
        if instance and not instance.active and _unused_for(app) > self._machine.policy.idle_after:
            await app.stop()

    async def close(self) -> None:
        self._machine.closing.set()
        await asyncio.gather(*(app.stop() for app in self._apps.values()), return_exceptions=True)

    async def _make_room(self) -> None:
        awake = [app for app in self._apps.values() if app.instance]
        if len(awake) < self._machine.policy.max_running:
            return
        # Rather one that nobody is talking to; among those, the one that was used longest ago.
        await min(
            awake, key=lambda app: (app.instance is not None and app.instance.active > 0, -_unused_for(app))
        ).stop()

    def _check(self, project_id: str, release: Release) -> None:
        releases = (self._machine.root / "projects" / project_id / "releases").resolve()
        served = release.is_static or (release.code / "backend").is_dir()
        if release.path.parent != releases or not served:
            raise ServeError("no_release", "There is no such release in this project. Build the project again.")
        other = self.by_slug(release.slug)
        if other and other.project_id != project_id:
            raise ServeError("slug_taken", f"The name {release.slug} is taken by another app. Choose another one.")

    @asynccontextmanager
    async def _alone(self, project_id: str) -> AsyncIterator[None]:
        async with self._serving.setdefault(project_id, asyncio.Lock()):
            yield


def _unused_for(app: App) -> float:
    return time.monotonic() - app.instance.used_at if app.instance else 0.0


def _sweep(folder: Path, data: str) -> None:
    """Remove what a host that was killed in the middle of something left behind."""
    for stray in (*folder.glob("data-*"), *folder.glob("copy-*")):
        if stray.name != data:
            remove_tree(stray)
    (folder / LEFT).unlink(missing_ok=True)
