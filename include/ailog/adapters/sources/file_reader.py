"""Lines out of plain, gzip and zstd files, in bounded blocks; a file that ends too early is an error, not an end.

Both decompressors are driven by hand because their stream wrappers take a truncated zstd frame for the end of the file.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

import zstandard

from ailog.errors import AuthFailed, IncompleteFetch, SchemaMismatch, SourceUnavailable

READ_BYTES: Final = 1 << 20
COMPRESSED_READ_BYTES: Final = 1 << 16
"""Small, because what comes out of one read can be a hundred times as much."""
MAX_LINE_BYTES: Final = 64 << 20

_GZIP: Final = 31
"""Window bits that make zlib read gzip's frame."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _zstd() -> _Decompressor:
    made: _Decompressor = zstandard.ZstdDecompressor().decompressobj()
    return made


def _gzip() -> _Decompressor:
    return zlib.decompressobj(_GZIP)


_DECOMPRESSORS: Final[dict[str, Callable[[], _Decompressor]]] = {".gz": _gzip, ".zst": _zstd, ".zstd": _zstd}


def _chunks(path: Path) -> Iterator[bytes]:
    make = _DECOMPRESSORS.get(path.suffix)
    with path.open("rb") as file:
        if make is None:
            while chunk := file.read(READ_BYTES):
                yield chunk
            return
        decompressor: _Decompressor | None = None
        while data := file.read(COMPRESSED_READ_BYTES):
            while data:
                if decompressor is None or decompressor.eof:  # files may hold several frames, one after the other
                    decompressor = make()
                yield decompressor.decompress(data)
                data = decompressor.unused_data if decompressor.eof else b""
        if decompressor is not None and not decompressor.eof:
            raise IncompleteFetch(f"{path}: the compressed file ends in the middle; it is still being written or was cut off")


def blocks(path: Path) -> Iterator[list[bytes | None]]:
    """Yields lists of whole lines without their ends; None stands for a line over 64 MB.

    Raises IncompleteFetch for a compressed file that is cut off, SchemaMismatch for one that is damaged or of another kind,
    AuthFailed and SourceUnavailable for one that cannot be read.
    """
    rest = b""
    skipping = False
    try:
        for chunk in _chunks(path):
            lines: list[bytes | None] = []
            first, *others = chunk.split(b"\n")
            rest = b"" if skipping else rest + first
            if others:
                lines.append(None if skipping else rest)
                lines += others[:-1]
                rest, skipping = others[-1], False
            elif len(rest) > MAX_LINE_BYTES:
                rest, skipping = b"", True
            if lines:
                yield lines
    except (zlib.error, zstandard.ZstdError) as error:
        raise SchemaMismatch(
            f"{path}: is damaged or not what its name says: {error}; replace the file or take it out of `paths`"
        ) from error
    except PermissionError as error:
        raise AuthFailed(f"{path}: may not be read; give the user of this process the right to") from error
    except OSError as error:
        raise SourceUnavailable(f"{path}: cannot be read ({error.strerror})") from error
    if skipping:
        yield [None]
    elif rest:
        yield [rest]
