"""PNG files made small: the renderer packs its pixels in haste, packed with care they take a quarter.

Pictures of few colours pack best without a filter; the renderer filters every row by its left neighbour. Transparency
goes too: the background is drawn, and only a last row cut in half has any.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# IHDR: width, height, bits per channel, colour type, compression, filter, interlace (RFC 2083, 4.1.1).
_HEADER = ">IIBBBBB"
_RGB, _RGBA = 2, 6
_NO_FILTER, _LEFT_FILTER = 0, 1


def repack_png(picture: bytes) -> bytes:
    """Return the same picture in fewer bytes; one of another form than the renderer's is only compressed anew."""
    chunks = list(_read_chunks(picture))
    rows = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    header = chunks[0][1]
    width, height, bits, color, *_ = struct.unpack(_HEADER, header)
    stride = 4 * width + 1
    if (bits, color) == (8, _RGBA) and set(rows[::stride]) == {_LEFT_FILTER} and len(rows) == stride * height:
        header = struct.pack(_HEADER, width, height, bits, _RGB, 0, 0, 0)
        rows = b"".join(_drop_filter(rows[start + 1 : start + stride]) for start in range(0, len(rows), stride))
    others = [chunk for chunk in chunks[1:] if chunk[0] not in (b"IDAT", b"IEND")]
    return _write([(b"IHDR", header), *others, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")])


def _drop_filter(row: bytes) -> bytes:
    """Return one row without its transparency, unfiltered: each byte was the difference from its left neighbour's."""
    plain = bytearray(len(row) // 4 * 3)
    for channel in range(3):
        plain[channel::3] = bytes(total & 255 for total in accumulate(row[channel::4]))
    return bytes([_NO_FILTER]) + plain


def _read_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and data of each chunk: length, kind, data, checksum (RFC 2083, 3.2)."""
    place = len(_SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack_from(">I", picture, place)
        yield picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        place += length + 12


def _write(chunks: Sequence[tuple[bytes, bytes]]) -> bytes:
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
