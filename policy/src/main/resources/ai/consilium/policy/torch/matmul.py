# What the processor multiplies at best: the yardstick of benchmarks.


def square(self, like: Tensor, size: int, dtype: int, times: int) -> Tensor:
    """The sum of products of square matrices, the same product some times, where a tensor lies."""
    a = like.new_ones([size, size], dtype=dtype)
    total = torch.zeros_like(a)
    for i in range(times):
        total = torch.matmul(a, a)
    return total.sum()
