"""The uuid of each row: the file's own, or one that follows from the row's content.

The same row, in the same file again or in another one, gets the same uuid, so that importing it adds nothing. Rows
that a file holds several times are told apart by counting them.
"""

from collections.abc import Callable, Sequence
from hashlib import md5
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights_mcp.local.events.uuids import parse_uuid

Digests = npt.NDArray[np.uint8]
_Hashes = npt.NDArray[np.uint64]


class RowIds:
    """Gives uuids to the rows of one file, in the order of the file."""

    def __init__(self, team_id: int) -> None:
        self._salt = f"{team_id}\x1f".encode()
        self._seen = SeenHashes()

    def of_rows(
        self, count: int, contents: Callable[[], Sequence[bytes]], given: Sequence[str | None] | None = None
    ) -> Any:
        """Return 16 bytes for each of `count` rows as an Arrow array.

        `given` holds the file's own ids, which need not be UUIDs; `contents` is asked only when some have none.
        """
        if given is None or not all(given):
            digests = self._of_contents(contents())
        else:
            digests = np.zeros((count, 16), dtype=np.uint8)
        if given is not None:
            self._put_given(digests, given)
        return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), count, [None, pa.py_buffer(digests.tobytes())])

    def _put_given(self, digests: Digests, given: Sequence[str | None]) -> None:
        texts = [text or "" for text in given]
        if set(map(len, texts)) == {36}:
            try:
                digests[:] = np.frombuffer(bytes.fromhex("".join(texts).replace("-", "")), np.uint8).reshape(-1, 16)
            except ValueError:
                pass  # some are no UUIDs
            else:
                return
        for place, text in enumerate(texts):
            if text:
                digests[place] = np.frombuffer(self._of_given(text), dtype=np.uint8)

    def _of_contents(self, contents: Sequence[bytes]) -> Digests:
        salt = self._salt
        joined = b"".join([md5(salt + content, usedforsecurity=False).digest() for content in contents])
        digests = np.frombuffer(joined, dtype=np.uint8).reshape(-1, 16).copy()
        counts = self._seen.count(digests[:, :8].copy().view(np.uint64).ravel())
        for place in np.flatnonzero(counts):
            again = digests[place].tobytes() + int(counts[place]).to_bytes(8, "big")
            digests[place] = np.frombuffer(md5(again, usedforsecurity=False).digest(), dtype=np.uint8)
        _mark_version(digests)
        return digests

    def _of_given(self, text: str) -> bytes:
        uuid = parse_uuid(text)
        if uuid:
            return uuid.bytes
        digest = np.frombuffer(md5(self._salt + b"id:" + text.encode(), usedforsecurity=False).digest(), dtype=np.uint8)
        marked = digest.reshape(1, 16).copy()
        _mark_version(marked)
        return marked.tobytes()


class SeenHashes:
    """Counts how often each hash came before. Eight bytes a row: sorted runs that are merged as they grow."""

    def __init__(self) -> None:
        self._runs: list[_Hashes] = []

    def count(self, hashes: _Hashes) -> npt.NDArray[np.int64]:
        """Return for each hash how many equal ones came before it, here or in earlier calls; then remember them."""
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        is_first = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(ordered) else np.array([], dtype=bool)
        starts = np.flatnonzero(is_first)
        ranks = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.append(starts, len(ordered))))
        for run in self._runs:
            ranks += np.searchsorted(run, ordered, side="right") - np.searchsorted(run, ordered, side="left")
        counts = np.empty(len(hashes), dtype=np.int64)
        counts[order] = ranks
        self._remember(ordered)
        return counts

    def _remember(self, run: _Hashes) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate((self._runs.pop(), run)), kind="stable")
        self._runs.append(run)


def _mark_version(digests: Digests) -> None:
    """Set the version (8, made by our own rule) and variant bits of UUIDs."""
    digests[:, 6] = digests[:, 6] & 0x0F | 0x80
    digests[:, 8] = digests[:, 8] & 0x3F | 0x80
