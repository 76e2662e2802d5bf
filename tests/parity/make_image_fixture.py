"""Writes the pictures of policy/src/test/resources/parity/pictures, and what Pillow sees in them.

    pip install pillow==13.0.0 numpy==2.4.6
    python tests/parity/make_image_fixture.py OUT
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

ORIENTATION = 0x0112


def ramp(width, height, values):
    picture = np.zeros((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            picture[y, x] = values(x, y)
    return Image.fromarray(picture)


def seen(out, name):
    picture = ImageOps.exif_transpose(Image.open(out / f"{name}.webp")).convert("RGB")
    picture.save(out / f"{name}-seen.png")


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    first = ramp(24, 16, lambda x, y: (x * 10, y * 15, (x + y) * 6))
    second = ImageOps.invert(first)
    frames = {"save_all": True, "append_images": [second], "duration": 100}
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    first.save(out / "lossless.webp", lossless=True)
    first.save(out / "lossy.webp", quality=90)
    first.save(out / "turned.webp", lossless=True, exif=turned)
    for name in ("lossless", "lossy", "turned"):
        seen(out, name)
    first.save(out / "animated.webp", lossless=True, **frames)
    first.save(out / "animated.png", **frames)
    first.quantize(8).save(
        out / "animated.gif", save_all=True, append_images=[second.quantize(8)], duration=100
    )
    first.convert("CMYK").save(out / "cmyk.jpg", quality=90)
    ramp(96, 64, lambda x, y: ((x * 37 + y * 11) % 256, y * 29 % 256, x * y % 256)).save(
        out / "progressive.jpg", progressive=True, quality=90
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
