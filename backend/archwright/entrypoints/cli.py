"""The command line: `archwright serve | draw | edit | list | show | export | trace | models`."""

import asyncio
import io
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer

from archwright.errors import ArchwrightError, InvalidRequest
from archwright.settings import Settings, read_settings

OWNER = "local"
_LISTED = 50

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Describe a system, watch its architecture being drawn, and edit it together with the agent.",
)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the diagrams are kept.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write the diagram: .svg .png .mmd .json")]
ModelName = Annotated[str | None, typer.Option("--model", help="Which model answers; see `archwright models`.")]


def main() -> None:
    """Run the command line; a refusal is one line on standard error and a non-zero exit code."""
    _print_everything()
    try:
        app()
    except ArchwrightError as error:
        _fail(error)


def _print_everything() -> None:
    """Let a terminal that lacks a letter be sent the letter's code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(error: ArchwrightError) -> NoReturn:
    sys.stderr.write(f"archwright: {' '.join(error.detail.split())}\n")
    sys.exit(2 if error.status in (404, 409, 413, 422) else 1)


def _settings(data_dir: Path | None, **others: Any) -> Settings:
    given = {"data_dir": data_dir.expanduser().absolute() if data_dir else None, **others}
    return read_settings(**{name: value for name, value in given.items() if value is not None})


def _run(work: Coroutine[Any, Any, int]) -> None:
    try:
        code = asyncio.run(work)
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _print_json(value: Any) -> None:
    """Print JSON that stays JSON on a terminal that lacks letters."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    _print(json.dumps(value, indent=2, ensure_ascii=plain))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")] = None,
    data_dir: DataDir = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
    uds: Annotated[Path | None, typer.Option("--uds", help="A unix socket to listen on instead, for a proxy.")] = None,
    allow_anonymous: Annotated[
        bool, typer.Option("--allow-anonymous", help="Listen beyond this machine though nobody signs in.")
    ] = False,
) -> None:
    """Serve the editor and the REST API."""
    from archwright.entrypoints.serve import serve as serve_until_stopped

    given = {"host": host, "port": port, "uds": uds, "allow_anonymous": allow_anonymous or None}
    serve_until_stopped(_settings(data_dir, **given), not no_browser)


@app.command()
def draw(
    prompt: Annotated[str, typer.Argument(help="The system, in your words.")],
    output: Output = None,
    model: ModelName = None,
    title: Annotated[str | None, typer.Option(help="The diagram's title.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Draw a new diagram from a description."""
    from archwright.entrypoints.drawing import draw as draw_new

    _run(draw_new(_settings(data_dir), prompt, model, title, output))


@app.command()
def edit(
    session_id: Annotated[str, typer.Argument(metavar="ID", help="The session, as `archwright list` shows it.")],
    text: Annotated[str, typer.Argument(help="What to change.")],
    output: Output = None,
    model: ModelName = None,
    focus: Annotated[list[str] | None, typer.Option(help="A node that the text is about; may be repeated.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Change a diagram in words."""
    from archwright.entrypoints.drawing import edit as edit_known

    _run(edit_known(_settings(data_dir), session_id, text, tuple(focus or ()), model, output))


@app.command(name="list")
def list_sessions(data_dir: DataDir = None) -> None:
    """List the diagrams, the newest first."""
    _run(_list(_settings(data_dir)))


async def _list(settings: Settings) -> int:
    from archwright.wiring import embedded

    async with embedded(settings, works=False) as here:
        cursor = None
        while True:
            page = await here.store.list_sessions(OWNER, cursor, _LISTED)
            for head in page.items:
                size = f"{head.node_count:>4} nodes {head.edge_count:>4} edges"
                _print(f"{head.id}  {head.updated_at[:16].replace('T', ' ')}  {size}  {head.title}")
            cursor = page.next_cursor
            if cursor is None:
                return 0


@app.command()
def show(
    session_id: Annotated[str, typer.Argument(metavar="ID")],
    as_json: Annotated[bool, typer.Option("--json", help="The whole session as JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Show a diagram as text."""
    _run(_show(_settings(data_dir), session_id, as_json))


async def _show(settings: Settings, session_id: str, as_json: bool) -> int:
    from archwright.diagram.outline import outline
    from archwright.formats import write
    from archwright.wiring import embedded

    async with embedded(settings, works=False) as here:
        _, diagram = await here.sessions.snapshot(session_id, OWNER)
    if as_json:
        _print_json(orjson.loads(write(diagram, "json")))
    else:
        _print(outline(diagram, budget=sys.maxsize))
    return 0


@app.command()
def export(
    session_id: Annotated[str, typer.Argument(metavar="ID")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file; its ending names the format.")],
    data_dir: DataDir = None,
) -> None:
    """Write a diagram as SVG, PNG, Mermaid or JSON."""
    _run(_export(_settings(data_dir), session_id, output))


async def _export(settings: Settings, session_id: str, output: Path) -> int:
    from archwright.entrypoints.drawing import check_output, write_output
    from archwright.wiring import embedded

    check_output(output)
    async with embedded(settings, works=False) as here:
        _, diagram = await here.sessions.snapshot(session_id, OWNER)
    write_output(output, diagram)
    _print(str(output))
    return 0


@app.command()
def trace(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="A job's id, or a session's for its newest job.")],
    as_json: Annotated[bool, typer.Option("--json", help="Everything that was recorded.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Show what a job asked, what the model answered, what it took and what it cost."""
    _run(_trace(_settings(data_dir), job_id, as_json))


async def _trace(settings: Settings, job_id: str, as_json: bool) -> int:
    from archwright.wiring import embedded

    async with embedded(settings, works=False) as here:
        if job_id.startswith("ses_"):
            head = await here.store.head(job_id, OWNER)
            if head.last_job is None:
                raise InvalidRequest(f"The session '{job_id}' has had no job yet.")
            job_id = head.last_job
        job, turns = await here.jobs.trace(job_id, OWNER)
    if as_json:
        _print_json({"job": job.model_dump(mode="json"), "turns": [turn.model_dump(mode="json") for turn in turns]})
        return 0
    _print(f"{job.id}  {job.status}  {job.model}  {len(turns)} turns  ${job.cost_usd:.4f}")
    for turn in turns:
        tokens = f"{turn.usage.input_tokens} in, {turn.usage.output_tokens} out, {turn.usage.cache_read_tokens} cached"
        what = f"turn {turn.turn}{f' ({turn.context})' if turn.context else ''}: {turn.model}, {turn.stop_reason}"
        _print(f"{what}, {tokens}, {turn.total_ms / 1000:.1f} s, ${turn.cost_usd:.4f}")
        for failed in turn.errors:
            _print(f"  failed before: {failed.model or turn.model}: {failed.detail}")
        for call in turn.tool_calls:
            mark = "refused" if call.is_error else "ok"
            _print(f"  {call.name} {orjson.dumps(call.input).decode()[:100]}  {mark}")
    if job.error:
        _print(f"failed: {job.error.detail}")
    return 0


@app.command()
def models() -> None:
    """List the models that can be asked."""
    from archwright.wiring import model_cards

    for card in model_cards(read_settings()):
        mark = "*" if card.default else " "
        _print(f"{mark} {card.id:<22} ${card.input_usd:g} in / ${card.output_usd:g} out   {card.description}")
