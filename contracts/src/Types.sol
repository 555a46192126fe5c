// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// One address holds one role per task.
enum Role {
    None,
    Trainer,
    Validator
}

/// Phases follow each other by the clock alone; Void is where a round ends that could not be judged.
enum Phase {
    Pending,
    Submit,
    Open,
    Validate,
    Reveal,
    Settle,
    Dispute,
    Final,
    Void
}

/// Why stake or bond was slashed.
enum Reason {
    InvalidAdapter,
    WorseThanBase,
    NotSealed,
    NotRevealed,
    Deviant,
    WrongVerdict,
    KeyWithheld,
    ShardMismatch,
    DisputeLost,
    DisputeUpheld
}

/// When a task's rounds happen. One storage slot, read by every hot path.
/// Round r begins at start + r * (sum of the six lengths). Seconds.
struct Clock {
    uint40 start;
    uint32 submit;
    uint32 open;
    uint32 validate;
    uint32 reveal;
    uint32 settle;
    uint32 dispute;
    uint16 rounds;
}

/// What a task pays and punishes. Fractions are wads (1e18 = 1) or basis points (bps).
struct Rules {
    /// Members of a committee; with fewer enrolled, all of them are one.
    uint16 committeeSize;
    /// Submissions that one committee judges, where there are committees enough.
    uint16 batchSize;
    /// Members who must have revealed for a batch to be judged.
    uint16 quorum;
    uint16 slashInvalid;
    uint16 slashWorse;
    uint16 slashNotSealed;
    uint16 slashNotRevealed;
    uint16 slashDeviant;
    uint16 slashVerdict;
    uint16 slashKey;
    uint16 slashShard;
    /// Floor of either pool's part of a round's reward, wad, at most 0.5e18.
    uint64 gamma;
    /// Ratio of one rank's weight to the one above, wad, in (0, 1).
    uint64 q;
    /// Grid step relative to the base model's score, wad.
    uint64 eta;
    /// Exponent of stake in rewards, wad, at most 1e18.
    uint64 alpha;
    /// Deviation |r - m| / m beyond which an item counts against a validator, wad.
    uint64 tolerance;
    /// How much worse than the base model costs stake, relative, wad.
    uint64 margin;
    /// Steepness of exp(-lambda * deviation), wad.
    uint128 lambda;
}

/// What createTask is given. Digests are SHA-256 digests: they fix a CID.
struct TaskParams {
    /// The task's spec: one raw block on IPFS (CIDv1 raw sha2-256).
    bytes32 specDigest;
    address bountyToken;
    /// Wei of bountyToken, taken from the creator.
    uint128 bounty;
    /// Wei of the stake token, taken from the creator.
    uint128 bond;
    uint128 trainerMinStake;
    uint128 validatorMinStake;
    /// Merkle root of addresses that may stake; 0 lets in everyone.
    bytes32 allowlistRoot;
    /// `start` 0 is now; `rounds` is set from the shards.
    Clock clock;
    Rules rules;
    /// keccak256 of each round's AES-256 key.
    bytes32[] keyHashes;
    /// SHA-256 of each round's plaintext rows.
    bytes32[] plaintextDigests;
}

/// A task's money and terms of entry.
struct Task {
    address creator;
    address bountyToken;
    bytes32 specDigest;
    bytes32 allowlistRoot;
    uint128 trainerMinStake;
    uint128 validatorMinStake;
    /// Wei of bounty not yet given to a round.
    uint128 pool;
    /// The part of `pool` that a round without winners left to the next.
    uint128 carry;
    /// Wei of bounty ever put in; refunds are in proportion to it.
    uint128 funded;
    /// Wei of the creator's bond still held.
    uint128 bond;
    /// Rounds that are done, in order.
    uint16 doneRounds;
    /// Wei of bounty that goes back to funders, fixed when the last round is done.
    uint128 refund;
}

/// Stake of one address in one task.
struct Stake {
    /// Wei of own stake.
    uint128 amount;
    /// No withdrawal before this time (seconds); longer locks weigh more.
    uint40 lockUntil;
    /// 1 + the last round in which the stake is at risk; 0 never.
    uint32 busy;
    Role role;
}

/// One round of a task.
struct Round {
    bytes32 keyHash;
    bytes32 plaintextDigest;
    /// The AES-256 key once it is revealed.
    bytes32 key;
    /// Fixes the committees; 0 until known.
    bytes32 seed;
    // One slot: what reveal and settle look at.
    uint32 commitments;
    uint32 submissions;
    uint32 enrolled;
    uint32 settledBatches;
    uint32 paidBatches;
    uint48 seedBlock;
    /// Batches whose consensus for the base model is INVALID: the shard is not the committed one.
    uint16 badShards;
    bool ranked;
    bool done;
    /// Disputes opened; any at all gives the round a jury's time before it is final.
    uint16 disputes;
    /// Disputes that changed a consensus.
    uint16 upheld;
    /// Own stake of opened trainers, weight units.
    uint96 trainerStake;
    uint32 ranks;
    uint32 slashedTrainers;
    // One slot: what settling adds to. The stake in weight units, and the sum of the validators' pay weights.
    uint96 validatorStake;
    uint128 validatorPay;
    /// Sum of the trainers' pay weights.
    uint256 trainerPay;
    /// Position in the order of the last ranked submission: cell << 64 | commitment order.
    uint256 lastRanked;
    /// Wei of bounty for trainers and for validators, fixed when ranking is complete.
    uint128 trainerReward;
    uint128 validatorReward;
    /// Wei of stake token for the honest validators, from slashes.
    uint128 slashPot;
    /// Wei of stake token for each trainer of a void round.
    uint128 voidShare;
}

/// An opened adapter. Stakes are in weight units, as of opening.
struct Submission {
    address trainer;
    uint48 weight;
    uint48 own;
}

/// A validator's place in a round. Stakes are in weight units, as of enrolment.
struct Enrolment {
    address validator;
    uint48 weight;
    uint48 own;
}

/// What settling a batch found out; the chain keeps only its hash. As in the event BatchSettled.
struct Verdict {
    /// Packed uint32 micro-bits per byte, item 0 the base model.
    bytes consensus;
    /// By committee position: pay weight << 8 | 0, or 1 + the Reason of a slash.
    uint128[] results;
}

/// What delegators put behind an operator in one task.
struct Backing {
    /// Wei, from the operator's vault.
    uint128 amount;
    /// The operator's sharing ratio sigma, wad: the part of the reward that comes before any sharing.
    uint64 sigma;
    bool known;
}

/// A snapshot of a backing for one round, and what it earned.
struct Share {
    /// Weight units.
    uint48 delegated;
    uint48 own;
    /// When it was taken (seconds): delegators share by what they held just before.
    uint40 time;
    uint64 sigma;
    /// Wei earned and not collected yet, of the bounty token and of the stake token.
    uint128 bounty;
    uint128 stake;
}

/// A consensus in question: one item of one batch, judged again by a jury of whoever has validator's stake.
struct Dispute {
    address disputer;
    /// Wei of stake token.
    uint96 bond;
    uint32 jurors;
    bool resolved;
}

/// A juror's part in one dispute.
struct Juror {
    address juror;
    /// Own stake, weight units.
    uint48 weight;
    uint32 score;
    bool revealed;
    bytes32 seal;
}
