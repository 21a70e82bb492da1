"""How a process of ours logs: one readable line a record, to stderr. Called at entry points only."""

import logging
import sys

import structlog

QUIET = ("httpx", "httpcore", "uvicorn", "alembic", "asyncio", "celery.redirected", "kombu", "amqp")


def configure_logging(level: int = logging.INFO, *, color: bool | None = None) -> None:
    """Route the standard library's logging and structlog's through one console renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _drop_duplicate_message,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
    ]
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty() if color is None else color,
        exception_formatter=structlog.dev.plain_traceback,  # the rich one prints every local variable, keys included
        pad_event_to=0,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _drop_duplicate_message(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """uvicorn sends each message a second time, in color."""
    event.pop("color_message", None)
    return event
