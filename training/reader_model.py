"""The reader's network: MiniLM's encoder with heads for relevance and span.

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
        for head in (self.relevance, self.span):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        # Most tokens start no answer: without this the null option would begin with no mass.
        nn.init.constant_(self.span.bias, -4.0)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Relevance [batch], start and end [batch, length]."""
        state = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        first = state[:, 0]
        spans = self.span(state).float()
        return (
            self.relevance(first).squeeze(-1).float(),
            spans[..., 0],
            spans[..., 1],
        )

    def freeze(self, layers: int) -> None:
        """Leave the embeddings and the first `layers` as they are: a third faster to train."""
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
) -> Tensor:
    """Negative log-likelihood of one question's group.

    `relevance`, `relevant` are [candidates]; the token tensors [candidates, length]. Each
    distribution runs over all candidates and the null option (logit 0); where several choices are
    right their probabilities add up (marginal likelihood).
    """
    loss = _marginal(relevance, relevant, torch.ones_like(relevant))
    if has_spans:
        loss = loss + _marginal(starts, start_gold, legal) + _marginal(ends, end_gold, legal)
    return loss


def _marginal(logits: Tensor, gold: Tensor, legal: Tensor) -> Tensor:
    flat = logits.masked_fill(~legal, float("-inf")).flatten()
    total = torch.logsumexp(torch.cat([flat, flat.new_zeros(1)]), 0)
    chosen = flat[gold.flatten()]
    right = torch.logsumexp(chosen, 0) if chosen.numel() else flat.new_zeros(())
    return total - right
