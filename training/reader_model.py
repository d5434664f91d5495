"""The reader's network: MiniLM's encoder with heads for relevance, span, verdict and choice.

In: token tensors. Out: logits. Refuses to know: text, files of examples.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel

HIDDEN = 384


class ReaderModel(nn.Module):
    """Encoder and heads. All logits are relative to the null option, whose logit is 0."""

    def __init__(self, backbone: Path) -> None:
        super().__init__()
        # Drawing masks for the attention took a third of the training's time, and the fused
        # attention's way back is slower than the plain one on a processor.
        self.encoder: Any = AutoModel.from_pretrained(
            backbone,
            add_pooling_layer=False,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
        )
        self.relevance = nn.Linear(HIDDEN, 1)
        self.span = nn.Linear(HIDDEN, 2)
        self.verdict = nn.Linear(HIDDEN, 2)
        self.choice = nn.Linear(HIDDEN, 1)
        for head in (self.relevance, self.span, self.verdict, self.choice):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        # Most tokens start no answer: without this the null option would begin with no mass.
        nn.init.constant_(self.span.bias, -4.0)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Relevance [batch], start and end [batch, length], verdict yes and no [batch, 2], choice
        [batch, length].

        Choice says how likely a marked answer is right; it counts at the mark before the answer.
        """
        state = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        first = state[:, 0]
        spans = self.span(state).float()
        return (
            self.relevance(first).squeeze(-1).float(),
            spans[..., 0],
            spans[..., 1],
            self.verdict(first).float(),
            self.choice(state).squeeze(-1).float(),
        )

    def freeze(self, layers: int) -> None:
        """Leave the embeddings and the first `layers` as they are: a quarter faster to train."""
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:layers]):
            part.requires_grad_(False)


def group_loss(
    relevance: Tensor,
    starts: Tensor,
    ends: Tensor,
    legal: Tensor,
    relevant: Tensor,
    start_gold: Tensor,
    end_gold: Tensor,
    *,
    has_spans: bool,
    verdicts: Tensor | None = None,
    verdict_gold: Tensor | None = None,
) -> Tensor:
    """Negative log-likelihood of one question's group.

    `relevance`, `relevant` are [candidates]; the token tensors [candidates, length]; the verdict
    tensors, which only yes/no questions have, [candidates, 2]. Each distribution runs over all
    candidates and the null option (logit 0); where several choices are right their probabilities
    add up (marginal likelihood).
    """
    loss = _marginal(relevance, relevant, torch.ones_like(relevant))
    if has_spans:
        loss = loss + _marginal(starts, start_gold, legal) + _marginal(ends, end_gold, legal)
    if verdicts is not None and verdict_gold is not None:
        loss = loss + _marginal(verdicts, verdict_gold, torch.ones_like(verdict_gold))
    return loss


def choice_loss(logits: Tensor, right: Tensor) -> Tensor:
    """Negative log-likelihood of the right proposals, weighed by how right in [0, 1]; of the null
    option (logit 0) where none is. `logits` and `right` are [proposals] of one question.
    """
    shares = torch.log_softmax(torch.cat([logits, logits.new_zeros(1)]), 0)
    if not bool((right > 0).any()):
        return -shares[-1]
    return -torch.logsumexp(shares[:-1][right > 0] + right[right > 0].log(), 0)


def _marginal(logits: Tensor, gold: Tensor, legal: Tensor) -> Tensor:
    flat = logits.masked_fill(~legal, float("-inf")).flatten()
    total = torch.logsumexp(torch.cat([flat, flat.new_zeros(1)]), 0)
    chosen = flat[gold.flatten()]
    right = torch.logsumexp(chosen, 0) if chosen.numel() else flat.new_zeros(())
    return total - right
