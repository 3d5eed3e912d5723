"""Pictures of the screen made small: a palette of 256 colours in place of millions."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

_PIXELS = """async (encoded) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${encoded}`)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height), drawing = canvas.getContext("2d");
  drawing.drawImage(image, 0, 0);
  const bytes = drawing.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [image.width, image.height, btoa(text)];
}"""
_COLOURS = 256


def save(page: Page, browser: Browser, path: Path) -> None:
    """Write what a page shows in its window as a small PNG."""
    blank = browser.new_page()  # where no content policy forbids to read a picture back
    width, height, encoded = blank.evaluate(_PIXELS, base64.b64encode(page.screenshot(caret="hide")).decode())
    blank.close()
    pixels = np.frombuffer(base64.b64decode(encoded), np.uint8).reshape(height, width, 4)[:, :, :3]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_png(pixels))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture of bytes (height, width, 3) as a PNG with a palette."""
    height, width, _ = pixels.shape
    colours, places, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-counts)[:_COLOURS]]
    far = ((colours[:, None, :].astype(int) - kept[None, :, :].astype(int)) ** 2).sum(axis=2)
    nearest = far.argmin(axis=1).astype(np.uint8)
    lines = nearest[places.reshape(-1)].reshape(height, width)
    raw = b"".join(b"\0" + line.tobytes() for line in lines)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"PLTE", kept.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return one part of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
