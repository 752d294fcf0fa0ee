"""Beam search for the PyTorch twin of translation, with a cache. All hypotheses of all sources are a batch.

The rules are fairseq's, which are also our program's. A step has 2 * beam candidates for each source. A stop
counts only among the best `beam` of them, a search ends when `beam` hypotheses have stopped, and at the
largest length the stop is forced. A score is the log probability / length^penalty, where both count the stop.
"""
import math

import torch

PADDING, BEGIN, END = 0, 1, 2  # our trained tokenizers


def pad(rows):
    """Returns rows of ids as a tensor [rows, longest], and their lengths [rows]."""
    lengths = [len(row) for row in rows]
    longest = max(lengths)
    return torch.tensor([row + [PADDING] * (longest - len(row)) for row in rows]), torch.tensor(lengths)


def largest(x, count):
    """topk of x [rows, columns], faster: the largest numbers lie in the pieces with the largest maxima."""
    rows, columns = x.shape
    width = math.gcd(columns, 64)
    if columns // width <= count:
        return x.topk(count)
    pieces = x.view(rows, -1, width)
    chosen = pieces.amax(-1).topk(count).indices
    best, places = pieces.gather(1, chosen.unsqueeze(-1).expand(-1, -1, width)).flatten(1).topk(count)
    return best, chosen.gather(1, places // width) * width + places % width


class BeamSearch:
    """The searches of a batch. Each source that is not done has `beam` rows. At first all but one of them
    have probability 0."""

    def __init__(self, model, sources, limits, beam, penalty, least):
        self.model, self.beam, self.penalty, self.least = model, beam, penalty, least
        self.memories = model.encode(*pad(sources))
        self.numbers = list(range(len(sources)))  # of the sources whose rows remain
        self.limits = torch.tensor(limits)
        rows = len(sources) * beam
        self.tokens = torch.full((rows, 1), END)
        self.states = model.new_states(rows)
        self.totals = torch.full((len(sources), beam), -math.inf)
        self.totals[:, 0] = 0
        self.ended = [[] for _ in sources]

    def end(self, source, total, row):
        """Notes that the hypothesis of a row stops, and its log probability."""
        tokens = self.tokens[row, 1:].tolist()
        self.ended[self.numbers[source]].append((total / (len(tokens) + 1) ** self.penalty, tokens))

    def step(self):
        count, sources, beam = self.tokens.shape[1] - 1, len(self.numbers), self.beam
        logp = self.model.step(self.tokens[:, -1:], self.states, count, self.memories).log_softmax(-1)
        logp[:, : END + (count < self.least)] = -math.inf
        totals = logp.view(sources, beam, -1).add_(self.totals.unsqueeze(-1))
        done = self.limits == count
        for source in done.nonzero().flatten().tolist():
            for place, total in enumerate(totals[source, :, END].tolist()):
                self.end(source, total, source * beam + place)
        vocab = totals.shape[-1]
        found, places = largest(totals.flatten(1), 2 * beam)
        parents, tokens = places // vocab, places % vocab
        stops = tokens == END
        for source, rank in stops[:, :beam].nonzero().tolist():
            if not done[source] and found[source, rank] > -math.inf:
                self.end(source, found[source, rank].item(), source * beam + parents[source, rank].item())
        done |= torch.tensor([len(self.ended[number]) >= beam for number in self.numbers])
        going = stops.to(torch.int8).argsort(stable=True)[:, :beam]  # the best candidates that do not stop
        rows = torch.arange(0, sources * beam, beam).unsqueeze(1) + parents.gather(1, going)
        self.go_on(~done, rows, tokens.gather(1, going), found.gather(1, going))

    def go_on(self, live, rows, tokens, totals):
        """Continues the rows [sources, beam] with tokens, for the sources that are not done."""
        if not live.all():
            rows, tokens, totals, self.limits = rows[live], tokens[live], totals[live], self.limits[live]
            self.numbers = [number for number, lives in zip(self.numbers, live.tolist()) if lives]
            chosen = live.nonzero().flatten()
            self.memories = [select(memory, chosen) for memory in self.memories]
        self.totals, rows = totals, rows.flatten()
        if rows.shape[0] != self.tokens.shape[0] or not torch.equal(rows, torch.arange(rows.shape[0])):
            self.tokens = self.tokens[rows]
            self.states = [select(state, rows) for state in self.states]
        self.tokens = torch.cat([self.tokens, tokens.view(-1, 1)], 1)


def select(tensors, rows):
    return {name: None if x is None else x.index_select(0, rows) for name, x in tensors.items()}


@torch.inference_mode()
def beam_search(model, sources, limits, beam, penalty, least=0):
    """The best hypothesis of each source: its score, and its ids without the stop, from `least` to the limit
    of the source."""
    search = BeamSearch(model, sources, limits, beam, penalty, least)
    while search.numbers:
        search.step()
    return [max(ended, key=lambda hypothesis: hypothesis[0]) for ended in search.ended]


@torch.inference_mode()
def plain_beam_search(model, source, limit, beam, penalty, least=0):
    """The same for one source, without a cache and without batches: a check for the other."""
    memories = model.encode(*pad([source]))
    live, ended = [(0.0, [END])], []
    while live and len(ended) < beam:
        candidates = []
        for total, tokens in live:
            hidden = model.hidden(torch.tensor([tokens]), memories)[0, -1]
            logp = model.logits(hidden).log_softmax(-1).tolist()
            ids = [END] if len(tokens) > limit else range(END + (len(tokens) <= least), len(logp))
            candidates += [(total + logp[token], tokens + [token]) for token in ids]
        candidates.sort(key=lambda candidate: -candidate[0])
        ended += [candidate for candidate in candidates[:beam] if candidate[1][-1] == END]
        live = [candidate for candidate in candidates[: 2 * beam] if candidate[1][-1] != END][:beam]
    scored = [(total / (len(tokens) - 1) ** penalty, tokens[1:-1]) for total, tokens in ended]
    return max(scored, key=lambda hypothesis: hypothesis[0])


def longest_translation(source):
    """The most ids of a translation, by our program's default. The source has its </s>."""
    return int(1.2 * len(source)) + 10


def encode_sources(tokenizer, lines, max_source):
    """The ids of lines, with </s>, cut to max_source; 0: not cut."""
    encoded = tokenizer.encode_batch(lines, add_special_tokens=False)
    return [item.ids[: max_source - 1 if max_source else None] + [END] for item in encoded]


def translate(model, tokenizer, lines, max_source, batch=32, beam=4, penalty=0.6, length=None):
    """The translations of lines, in batches of sources of similar lengths, and the number of ids in each. If
    `length` is given, each has so many."""
    model.eval()
    sources = encode_sources(tokenizer, lines, max_source)
    order = sorted(range(len(lines)), key=lambda number: len(sources[number]))
    ids = [[]] * len(lines)
    for begin in range(0, len(order), batch):
        numbers = order[begin : begin + batch]
        together = [sources[number] for number in numbers]
        limits = [length or longest_translation(source) for source in together]
        results = beam_search(model, together, limits, beam, penalty, length or 0)
        for number, (_, tokens) in zip(numbers, results):
            ids[number] = tokens
    texts = [text.replace("\n", " ") for text in tokenizer.decode_batch(ids, skip_special_tokens=True)]
    return texts, [len(tokens) for tokens in ids]
