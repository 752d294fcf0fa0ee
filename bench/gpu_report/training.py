"""Training on the device beside training on the cpu, from the same weights with the same batches and dropout.

A second run on the device, and one that was stopped half-way and resumed, must end with the same bits as the first.
"""
import part

ARCHITECTURES = ("transformer", "memsizer")


class Training:
    def __init__(self, context: part.Context, architecture: str):
        self.context, self.architecture = context, architecture
        dry = context.dry_run
        self.steps, self.preset = (2, "micro") if dry else (20, "tiny")
        self.settings = [f"schedule_steps={self.steps}", "warmup=1", "dropout=0.1"]
        if dry:
            self.settings += ["sequence=8", "batch=2"]

    def name(self, kind: str) -> str:
        return f"training-{self.architecture}-{kind}"

    def train(self, kind: str, device: str, steps: int, settings: tuple[str, ...] = (), resume: bool = False) -> part.Call:
        return part.train(self.context, self.name(kind), device=device, steps=steps, settings=[*self.settings, *settings],
                          architecture=self.architecture, preset=self.preset, options=("--resume",) if resume else ())

    def losses(self, kind: str) -> list[float]:
        return [line["loss"] for line in part.metrics(self.context, self.name(kind))]

    def hash(self, kind: str) -> str | None:
        return part.checkpoint_hash(self.context, self.name(kind), self.steps)

    def add_losses(self, rows: part.Rows, kind: str, call: part.Call, bound: float) -> None:
        """Compares with the losses of the cpu. Losses of None are not finite."""
        title = f"{self.architecture}, {kind}: losses beside the cpu's"
        if not call.ok():
            rows.add(title, ok=call.verdict(), seconds=call.seconds, **call.failure())
            return
        pairs = list(zip(self.losses("cpu"), self.losses(kind)))
        finite = pairs and all(None not in pair for pair in pairs)
        worst = max(abs(a - b) / abs(a) for a, b in pairs) if finite else None
        (first_cpu, first), (last_cpu, last) = (pairs[0], pairs[-1]) if pairs else ((None, None),) * 2
        rows.add(title, ok=worst is not None and worst <= bound and len(pairs) == self.steps, steps=len(pairs),
                 largest_relative_difference=worst, bound=bound, first_loss_cpu=first_cpu, first_loss=first,
                 last_loss_cpu=last_cpu, last_loss=last, seconds=call.seconds)

    def add_equal(self, rows: part.Rows, kind: str, call: part.Call) -> None:
        title = f"{self.architecture}, {kind}: the same bits as the first run"
        if not call.ok():
            rows.add(title, ok=call.verdict(), **call.failure())
            return
        first, found = self.hash("first"), self.hash(kind)
        rows.add(title, ok=first is not None and first == found, hash_of_first=first, hash=found)

    def run(self, rows: part.Rows) -> None:
        device = self.context.device
        reference = self.train("cpu", "cpu", self.steps)
        if not reference.ok():
            rows.add(f"{self.architecture}, cpu", ok=reference.verdict(), **reference.failure())
        self.add_losses(rows, "first", self.train("first", device, self.steps), 1e-4)
        self.add_equal(rows, "second", self.train("second", device, self.steps))
        half = self.train("resumed", device, self.steps // 2)
        self.add_equal(rows, "resumed", self.train("resumed", device, self.steps, resume=True) if half.ok() else half)
        self.add_losses(rows, "bfloat16", self.train("bfloat16", device, self.steps, ("dtype=bfloat16",)), 0.02)


def run(context: part.Context, rows: part.Rows) -> None:
    for architecture in ARCHITECTURES:
        Training(context, architecture).run(rows)


part.main(run)
