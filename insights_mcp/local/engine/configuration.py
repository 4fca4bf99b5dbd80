"""The embedded engine's directory: its configuration files, its store, and a clean place to start in.

engine/
  config.xml   the server part: paths, time zone, no logs
  users.xml    one user; reading needs no role, writing needs the role `owner`
  store/       ClickHouse's files
  clean/       empty: the working directory while the engine is imported (facts/engine.md 0.3)
  scratch/     temporary files of queries and inserts
"""

import os
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

OWNER_ROLE = "owner"

# The reader keeps SELECT on the application's database; everything else hangs on the role that a reader session
# drops (SET ROLE NONE). No FILE, URL, REMOTE, PYTHON or SYSTEM grant exists at all (facts/engine.md 6).
_USERS = """<clickhouse>
  <profiles><default></default></profiles>
  <quotas><default></default></quotas>
  <roles>
    <{role}>
      <grants>
        <query>GRANT SELECT, INSERT, ALTER, TRUNCATE, OPTIMIZE ON {database}.*</query>
        <query>GRANT CREATE DATABASE, CREATE TABLE, DROP TABLE ON {database}.*</query>
        <query>GRANT SELECT ON system.*</query>
        <query>GRANT KILL QUERY ON *.*</query>
      </grants>
    </{role}>
  </roles>
  <users>
    <default>
      <password></password>
      <profile>default</profile>
      <quota>default</quota>
      <networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
      <grants>
        <query>GRANT SELECT ON {database}.*</query>
        <query>GRANT {role}</query>
      </grants>
    </default>
  </users>
</clickhouse>
"""

_CONFIG = """<clickhouse>
  <logger><level>none</level></logger>
  <timezone>UTC</timezone>
  <!-- A laptop's other programs want memory too. -->
  <max_server_memory_usage_to_ram_ratio>0.6</max_server_memory_usage_to_ram_ratio>
  <mark_cache_size>268435456</mark_cache_size>
  <primary_index_cache_size>268435456</primary_index_cache_size>
  <users_config>{users}</users_config>
  <tmp_path>{scratch}/</tmp_path>
  <user_files_path>{clean}/</user_files_path>
  <format_schema_path>{clean}/</format_schema_path>
  <user_scripts_path>{clean}/</user_scripts_path>
</clickhouse>
"""


@dataclass(frozen=True)
class EngineDirectory:
    """The paths inside the engine's directory."""

    root: Path

    @property
    def store(self) -> Path:
        """Return where ClickHouse keeps its files."""
        return self.root / "store"

    @property
    def config(self) -> Path:
        """Return the path of config.xml."""
        return self.root / "config.xml"

    @property
    def clean(self) -> Path:
        """Return the empty working directory."""
        return self.root / "clean"

    @property
    def scratch(self) -> Path:
        """Return the directory of temporary files."""
        return self.root / "scratch"


def write_configuration(root: Path, database: str) -> EngineDirectory:
    """Make the directory (private) and write both files anew, so that nothing edited there is ever obeyed."""
    directory = EngineDirectory(root)
    for path in (root, directory.store, directory.clean, directory.scratch):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in directory.scratch.iterdir():
        if leftover.is_file():
            leftover.unlink(missing_ok=True)
    users = root / "users.xml"
    _write(users, _USERS.format(database=database, role=OWNER_ROLE))
    _write(
        directory.config,
        _CONFIG.format(
            users=escape(str(users)), scratch=escape(str(directory.scratch)), clean=escape(str(directory.clean))
        ),
    )
    return directory


def _write(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.chmod(0o600)
    os.replace(partial, path)
