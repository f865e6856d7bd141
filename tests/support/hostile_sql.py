"""Questions in SQL that try to reach beyond the views, and the project whose secrets they look for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from support.project import fact_line, small_project, write_facts
from tracker.pipeline.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.project import Project

CANARY = "canary-7f3a"

#: What reads or writes a file, where {file} exists, {new} does not, and {parquet} is a table of the warehouse.
TABLE_FUNCTIONS = (
    "read_text('{file}')", "read_blob('{file}')", "glob('{folder}/*')", "read_csv('{file}')", "read_csv_auto('{file}')",
    "read_json('{file}')", "read_json_auto('{file}')", "read_json_objects('{file}')", "read_ndjson('{file}')",
    "read_ndjson_auto('{file}')", "read_ndjson_objects('{file}')", "read_json_objects_auto('{file}')",
    "read_parquet('{parquet}')", "parquet_scan('{parquet}')", "parquet_metadata('{parquet}')",
    "parquet_schema('{parquet}')", "parquet_file_metadata('{parquet}')", "parquet_kv_metadata('{parquet}')",
    "sniff_csv('{file}')", "query('select * from read_text(''{file}'')')", "query_table('{file}')", "'{file}'",
    '"{file}"', "'{parquet}'", "read_text(['{file}'])", "read_text('{folder}/*')", "frame", "CANARY", "fact_frame",
    "sqlite_scan('{file}', 'a')", "delta_scan('{folder}')", "iceberg_scan('{folder}')", "st_read('{file}')",
    "read_xlsx('{file}')", "read_text('https://localhost:1/a')", "read_csv('s3://a/b.csv')", "pandas_scan(1)",
    "arrow_scan(1, 2, 3)", "read_duckdb('{file}')",
)  # fmt: skip
STATEMENTS = (
    "copy (select 1) to '{new}'", "copy fact to '{new}' (format csv)", "copy figure from '{file}'",
    "copy (select 1) to '{new}' (format parquet, use_tmp_file false)", "export database '{new}'",
    "import database '{folder}'", "attach '{new}' as other", "attach '{file}' as other", "detach memory",
    "install httpfs", "load httpfs", "force install json", "load '{file}'", "set enable_external_access = true",
    "set lock_configuration = false", "reset enable_external_access", "set global temp_directory = '{folder}'",
    "pragma enable_external_access", "pragma database_list", "pragma threads = 1", "pragma disable_checkpoint_on_shutdown",
    "create table a as select 1", "create view figure as select 1", "create macro f() as 1", "create schema a",
    "create secret a (type s3)", "create persistent secret a (type s3)", "create type a as enum ('b')",
    "create sequence a", "drop view figure", "drop table if exists figure", "insert into figure select * from figure",
    "update figure set value = 1", "delete from figure", "alter table figure drop column value", "truncate figure",
    "call pragma_version()", "checkpoint", "force checkpoint", "vacuum", "analyze", "use memory", "begin", "commit",
    "prepare a as select 1", "execute a", "explain analyze copy (select 1) to '{new}'", "explain select 1",
    "comment on view figure is 'a'", "select 1; select 2",
    "select 1; copy (select 1) to '{new}'", "with a as (copy (select 1) to '{new}') from a",
    "with a as (insert into figure select * from figure returning *) from a", "pivot figure on metric", "",
    "merge into figure using figure as b on true when matched then delete", "-- only a remark", "/* open", "select",
)  # fmt: skip
#: What ends the brackets around a check or a condition, to go on behind them.
CLOSING = (
    "select 'a' as entity, 1 as n) ; copy (select 1) to '{new}'; select * from (select 1",
    "select 'a' as entity, 1 as n) union all select content, 1 from read_text('{file}') --",
    "select 'a' as entity, 1 as n) --", "select 1) /*", "select 'a' as entity from figure) where (true",
    "select 'a' as entity, 1 as n\n) union all (select content, 1 from read_text('{file}')",
)  # fmt: skip
CONDITIONS = (
    "true) union all select * from read_text('{file}') --", "true) ; copy (select 1) to '{new}'; select (true",
    "true) or exists (select 1 from read_text('{file}')", "true) --", "true, true", "true) from figure where (true",
    "true) as a, (true", "(select content from read_text('{file}')) = 'canary' || '-7f3a'",
    "exists (from glob('{folder}/*'))", "exists (from '{file}')", "exists (from query('copy (select 1) to ''{new}'''))",
    "yoy_ratio > (select max(size) from read_blob('{file}'))", "", "true order by 1", "true limit 1",
)  # fmt: skip
QUESTIONS = (
    *(f"select * from {one}" for one in TABLE_FUNCTIONS),
    *(f"select 'a' as entity, 1 as n where exists (from {one})" for one in TABLE_FUNCTIONS),
    *(f"with a as (from {one}) select 'a' as entity, 1 as n from a" for one in TABLE_FUNCTIONS),
    *STATEMENTS,
    *CLOSING,
)

#: Tricks of writing: remarks, quotes, letters that look alike, letters that are not seen, and bytes that end a text.
DISGUISES = (
    "select/**/*/**/from/**/read_text('{file}')", "select * from read_text/* a */('{file}')", "SeLeCt * FrOm ReAd_TeXt('{file}')",
    "select * from read_text(-- a\n'{file}')", 'select * from "read_text"(\'{file}\')', "select * from main.read_text('{file}')",
    "select * from system.main.read_text('{file}')", "select * from read_text($${file}$$)", "select * from read_text($a${file}$a$)",
    "select * from read_text(e'{file}')", "select * from read_text('{fi' || 'le}')", "select * from read_text(concat('{folder}', '/secret.csv'))",
    "select * from read_text(chr(47) || 'etc/passwd')", "select * from read_text('file://{file}')", "select * from read_text('/proc/self/environ')",
    "select * from read_text('/proc/self/maps')", "select * from read_blob('/dev/fd/0')", "select * from read_text('/dev/stdin')",
    "select * from \uff52\uff45\uff41\uff44_text('{file}')", "select * from read\u200b_text('{file}')", "select * from read_text\u00a0('{file}')",
    "select * from read_text('{file}\x00')", "select 1 --\x00\n; copy (select 1) to '{new}'", "select 1 /* */; copy (select 1) to '{new}' --",
    "\ufeffselect * from read_text('{file}')", "select * from read_text('{file}') -- entity = 'meta'", "/* select 1 */ copy (select 1) to '{new}'",
    "with recursive a as (select content from read_text('{file}') union all from a) select * from a limit 1",
    "select (from read_text('{file}') select content)", "select list(content) from read_text('{file}')",
    "from read_text('{file}') select content", "table '{file}'", "select * from (values (1)) a, lateral read_text('{file}')",
    "select * from figure semi join read_text('{file}') on true", "select * from figure where entity in (select content from read_text('{file}'))",
    "select * from figure_as_of((select content from read_text('{file}')))", "select * from figure_as_of('2024-01-01' || '')",
    "select * from figure_as_of('x'') union all select content from read_text(''{file}'') --')", 'select * from "twin 0"',
    "select * from figure_as_of(getenv('HOME'))", "select * from query_table('figure')", "select * from query('select 1')",
    "select getenv('HOME')", "select * from which_secret('s3://a', 's3')",
    "select nextval('a')", "select add_parquet_key('a', 'b')",
    "select * from enable_logging()", "select * from enable_profiling()", "select * from set_config('threads', '8')",
    "select * from pragma_storage_info('{file}')", "select * from load_aws_credentials()", "select * from icu_x('{file}')",
    "select * from read_csv('{file}', auto_detect = true, filename = true)", "select * from read_json('{file}', records = false)",
    "select * from read_parquet(['{parquet}', '{parquet}'], union_by_name = true)", "select * from parquet_bloom_probe('{parquet}', 'a', 1)",
    "select * from arrow_scan_dumb(1, 2, 3)", "select * from python_map_function(1)", "select * from seq_scan('figure')",
    "select * from glob('/**')", "select * from read_text('../../etc/passwd')", "select * from read_text('http://169.254.169.254/latest')",
    "select * from 'https://localhost:1/a.parquet'", "select * from 'hf://a/b'", "select * from 'gcs://a/b.csv'", "select * from '{folder}/*.csv'",
    "select * from 'data:text/csv,a'", "select * from os", "select * from sys", "select * from warehouse", "select * from engine",
)  # fmt: skip
#: Questions that would never end, or take all memory.
BOMBS = (
    "select count(*) from range(100000000) a, range(100000000) b where a.range + b.range = 7",
    "with recursive a as (select 1 as n union all select n + 1 from a) select count(*) from a",
    "select length(repeat('x', 2000000000))", "select list(i) from range(3000000000) t(i)", "select repeat('x', 10000000) from range(100)",
    "select string_agg(repeat('x', 1000000)) from range(1000)", "select * from range(100000000)", "select unnest(range(1000000000))",
    "select lpad('', 2000000000, 'x')", "select sum(a.range * b.range * c.range) from range(10000) a, range(10000) b, range(10000) c",
    "select range(2000000000)", "select regexp_replace(repeat('a', 100000000), '(a*)*b', 'x')", "select md5(repeat('x', 2000000000))",
    "select " + "(" * 50_000 + "1" + ")" * 50_000, "select " + "-" * 1 + "1 + " * 20_000 + "1", "select " + "not " * 20_000 + "true",
    "with recursive a as (select 'x' as s union all select s || s from a) select max(length(s)) from a",
    "select histogram(random()) from range(100000000)", "select array_agg(distinct uuid()) from range(100000000)",
    "select count(*) from figure a, figure b, figure c, figure d, range(100000000) e where random() > 2",
)  # fmt: skip


def desk_project(folder: Path) -> Project:
    """A project with two figures, a secret beside its warehouse, and room for charts and checks."""
    project = small_project(folder)
    write_facts(project, fact_line("Revenues", "2023Q2", "100"), fact_line("Revenues", "2024Q2", "150"))
    ingest(project, [project.seeds])
    (project.root / "outside").mkdir()
    (project.root / "outside" / "secret.csv").write_text(f"{CANARY},1\n")
    (project.reports / "charts").mkdir(parents=True, exist_ok=True)
    project.checks.mkdir()
    return project


def fill_places(project: Project, text: str) -> str:
    """Put the project's own paths into a question."""
    folder = project.root / "outside"
    parquet = next((project.warehouse / "fact").glob("*.parquet"))
    places = {"file": folder / "secret.csv", "folder": folder, "new": folder / "new", "parquet": parquet}
    for name, path in places.items():
        text = text.replace("{" + name + "}", str(path))
    return text


def hash_files(project: Project) -> dict[str, str]:
    """Every file of the project with its hash, but those that the tests write."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(project.root.rglob("*"))
        if path.is_file() and "checks" not in path.parts and "charts" not in path.parts
    }
