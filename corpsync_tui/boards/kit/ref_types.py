"""The words of the wallet journal's `ref_type`, put into the kinds that a director thinks in."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, ...]] = {
    "bounties": (
        "bounty_prizes", "bounty_prize", "bounty", "bounty_reimbursement", "ess_escrow_transfer",
        "bounty_prize_corporation_tax", "npc_bounty_security_tax", "bounty_surcharge",
    ),
    "missions": (
        "agent_mission_reward", "agent_mission_time_bonus_reward", "daily_goal_payouts",
        "agent_mission_reward_corporation_tax", "agent_mission_time_bonus_reward_corporation_tax",
        "agents_preward", "agent_donation", "daily_goal_payouts_tax", "daily_challenge_reward",
        "mission_completion", "mission_reward", "operation_bonus", "corporate_reward_payout",
        "corporate_reward_tax", "project_discovery_reward", "project_discovery_tax",
        "resource_wars_reward", "milestone_reward_payment", "season_challenge_reward",
        "opportunity_reward", "flux_payout", "flux_tax", "campaign_objective_isk_reward",
        "air_career_program_reward", "insurgency_corruption_contribution_reward",
        "insurgency_suppression_contribution_reward", "freelance_jobs_reward_corporation_tax",
    ),
    "industry": (
        "industry_job_tax", "industry_security_tax", "reprocessing_tax", "manufacturing",
        "reaction", "copying", "researching_material_productivity", "researching_technology",
        "researching_time_productivity", "reverse_engineering", "factory_slot_rental_fee",
        "datacore_fee",
    ),
    "contracts": (
        "contract_auction_bid", "contract_auction_bid_corp", "contract_auction_bid_refund",
        "contract_auction_sold", "contract_collateral", "contract_collateral_deposited_corp",
        "contract_collateral_payout", "contract_collateral_refund", "contract_deposit",
        "contract_deposit_corp", "contract_deposit_refund", "contract_price",
        "contract_price_payment_corp", "contract_reversal", "contract_reward",
        "contract_reward_deposited", "contract_reward_deposited_corp", "contract_reward_refund",
    ),
    "planets": (
        "planetary_import_tax", "planetary_export_tax", "planetary_construction",
        "skyhook_claim_fee",
    ),
    "fees": (
        "brokers_fee", "transaction_tax", "contract_brokers_fee", "contract_brokers_fee_corp",
        "contract_sales_tax", "contract_deposit_sales_tax", "market_provider_tax",
        "market_security_tax", "market_fine_paid", "asset_safety_recovery_tax",
        "advertisement_listing_fee", "security_processing_fee", "cspa", "cspaofflinerefund",
        "cosmetic_market_skin_sale_broker_fee", "cosmetic_market_skin_sale_tax",
        "freelance_jobs_broadcasting_fee", "freelance_jobs_duration_fee",
    ),
    "upkeep": (
        "office_rental_fee", "sovereignity_bill", "infrastructure_hub_maintenance",
        "upkeep_adjustment_fee", "structure_gate_jump", "alliance_maintainance_fee",
        "alliance_registration_fee", "corporation_registration_fee",
        "corporation_logo_change_cost", "war_fee", "war_fee_surrender", "war_ally_contract",
        "docking_fee", "jump_clone_installation_fee", "jump_clone_activation_fee",
        "clone_activation", "clone_transfer", "acceleration_gate_fee", "repair_bill",
    ),
    "members": (
        "corporation_account_withdrawal", "corporation_payment", "corporation_bulk_payment",
        "corporation_dividend_payment", "project_payouts", "freelance_jobs_reward",
        "freelance_jobs_reward_escrow", "freelance_jobs_escrow_refund", "medal_creation",
        "medal_issued",
    ),
}  # fmt: skip
"""The words of ESI's `ref_type` by kind; a word that is in none of them is `other`."""

BY_SIGN: Mapping[str, tuple[str, str]] = {
    "market_transaction": ("sales", "purchases"),
    "market_escrow": ("sales", "purchases"),
    "player_donation": ("donations", "members"),
    "player_trading": ("donations", "members"),
}
"""Words whose kind depends on whether ISK came or went."""

GIVEN = (
    "corporation_account_withdrawal", "corporation_payment", "corporation_bulk_payment",
    "player_donation", "player_trading",
)  # fmt: skip
"""The words of what somebody gives a character by hand: no trade, no contract, no project's pay."""

TITLES = {
    "bounties": "Bounties and ESS",
    "missions": "Missions, goals",
    "industry": "Industry, reprocessing",
    "sales": "Market sales",
    "contracts": "Contracts",
    "planets": "PI, POCO, skyhooks",
    "donations": "Donations, moon tax",
    "purchases": "Market purchases",
    "fees": "Fees and taxes",
    "upkeep": "Offices, sovereignty, bridges",
    "members": "Paid to members",
    "other": "Other",
}
"""The kinds in the order of the screen."""


def kind_case() -> str:
    """The SQL for the kind of a journal's row."""
    signs = "".join(
        f" WHEN ref_type = '{word}' THEN CASE WHEN amount < 0 THEN '{out}' ELSE '{come}' END"
        for word, (come, out) in BY_SIGN.items()
    )
    fixed = "".join(
        f" WHEN ref_type IN ({', '.join(repr(word) for word in words)}) THEN '{kind}'"
        for kind, words in KINDS.items()
    )
    return f"CASE{signs}{fixed} ELSE 'other' END"


def words_of(kind: str) -> str:
    """The words of a kind as SQL lists them, those with it that are of it on one side alone."""
    by_sign = [word for word, kinds in BY_SIGN.items() if kind in kinds]
    return ", ".join(repr(word) for word in (*KINDS.get(kind, ()), *by_sign))
