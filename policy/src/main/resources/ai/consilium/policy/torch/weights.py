# Weights in mapped files (https://huggingface.co/docs/safetensors: little-endian, row-major, at byte offsets). Types by
# libtorch's numbers: 0 bytes, 6 float32, 15 bfloat16.


def width(self, dtype: int) -> int:
    if dtype == 6:
        return 4
    if dtype == 15:
        return 2
    return 1


def map_file(self, file: str, size: int, dtype: int) -> Tensor:
    """A file of size bytes as elements of a type, read page by page when they are used. What is written to them stays in this
    process."""
    return torch.from_file(file, False, size // self.width(dtype), dtype=dtype)


def piece(self, file: Tensor, start: int, end: int, dtype: int) -> Tensor:
    """Bytes start to end of a mapped file as elements of a type: in place where the file is mapped as that type, a copy where it is
    mapped as bytes."""
    width = self.width(file.dtype)
    elements = file[start // width : end // width]
    if file.dtype == dtype:
        return elements
    return torch.view_copy(elements.clone(), dtype=dtype)


def slot(self, files: List[Tensor], starts: List[int], ends: List[int], types: List[int], shape: List[int], dtype: int, copied: bool, like: Tensor) -> Tensor:
    """One matrix, or vector, of pieces that follow one another by rows, as a type and where like is: a single piece of this type
    in place unless copied says otherwise, all else as a copy."""
    if len(files) == 1:
        return self.piece(files[0], starts[0], ends[0], types[0]).view(shape).to(like.device, dtype, False, copied)
    size = 1
    for n in shape:
        size = size * n
    out = torch.empty([size], dtype=dtype, device=like.device)
    at = 0
    for i in range(len(files)):
        piece = self.piece(files[i], starts[i], ends[i], types[i])
        out[at : at + piece.numel()].copy_(piece)
        at = at + piece.numel()
    return out.view(shape)


def stacked(self, parts: List[Tensor], dtype: int) -> Tensor:
    """Matrices above one another as one, of a type: a copy."""
    return torch.cat(self.cast(parts, dtype), 0)
