# AdamW (Loshchilov & Hutter, 1711.05101) with clipping by the global norm.


def adamw(self, p: List[Tensor], m: List[Tensor], v: List[Tensor], g: List[Tensor], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, clip: float, t: int) -> Tensor:
    """Step t (from 1), in place on parameters p and moments m and v. Vectors (norms, biases) do not decay. Returns the norm of
    the gradients g before clipping; where that is not finite, nothing is changed."""
    total = g[0].new_zeros([])
    for i in range(len(g)):
        total = total + (g[i] * g[i]).sum()
    norm = torch.sqrt(total)
    if not bool(torch.isfinite(norm)):
        return norm
    scale = torch.clamp(torch.reciprocal(norm + 1e-06) * clip, None, 1.0)
    correction1 = 1.0 - beta1**t
    correction2 = (1.0 - beta2**t) ** 0.5
    for i in range(len(p)):
        clipped = g[i] * scale
        if p[i].dim() > 1:
            p[i].mul_(1.0 - rate * decay)
        m[i].mul_(beta1).add_(clipped, alpha=1.0 - beta1)
        v[i].mul_(beta2).addcmul_(clipped, clipped, value=1.0 - beta2)
        p[i].addcdiv_(m[i], (torch.sqrt(v[i]) / correction2).add_(epsilon), value=-(rate / correction1))
    return norm
