# What the processor multiplies at best: the yardstick of benchmarks.


def square(self, size: int, dtype: int, times: int) -> Tensor:
    """The sum of products of square matrices, the same product some times."""
    a = torch.ones([size, size], dtype=dtype)
    total = torch.zeros([size, size], dtype=dtype)
    for i in range(times):
        total = torch.matmul(a, a)
    return total.sum()
