"""Parts of MNIST."""

import gzip
import struct

FILES = [
    ("train-images-idx3-ubyte", True), ("train-labels-idx1-ubyte", True),
    ("t10k-images-idx3-ubyte", False), ("t10k-labels-idx1-ubyte", False)]


def write_part(whole, part, images):
    """Writes the first images of a data set, and a sixth as many test images, into a folder."""
    part.mkdir(parents=True)
    for name, is_training in FILES:
        count = images if is_training else -(-images // 6)
        with gzip.open(whole / f"{name}.gz") as file:
            magic, _ = struct.unpack(">2i", file.read(8))
            sizes = file.read(4 * (magic % 256 - 1))
            item = 1
            for size in struct.unpack(f">{len(sizes) // 4}i", sizes):
                item *= size
            values = file.read(item * count)
        (part / name).write_bytes(struct.pack(">2i", magic, len(values) // item) + sizes + values)
    return part
