// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IClearing} from "./IClearing.sol";
import {IConsortium} from "./IConsortium.sol";
import {IForcedClaims} from "./IForcedClaims.sol";
import {IPeering} from "./IPeering.sol";
import {TimeZones} from "./TimeZones.sol";

/// @title ForcedClaims
/// @notice See {IForcedClaims}.
contract ForcedClaims is IForcedClaims, TimeZones {
    IConsortium public immutable consortium;
    IPeering public immutable peering;
    IClearing public immutable clearing;

    /// The claim's hash while it stands, then PAID or VOID.
    mapping(bytes32 claimId => bytes32) private _claims;
    mapping(bytes32 root => uint64) private _handInAnchoredAt;
    mapping(bytes32 memberId => mapping(bytes32 root => uint64)) private _revocationsAnchoredAt;

    bytes32 private constant PAID = bytes32(uint256(1));
    bytes32 private constant VOID = bytes32(uint256(2));

    /// @dev A function that is not built yet.
    error NotBuilt();

    constructor(IConsortium consortium_, IPeering peering_, IClearing clearing_, Zone[] memory zones) {
        if (clearing_.forcedClaims() != address(this)) revert PartnerMismatch();
        consortium = consortium_;
        peering = peering_;
        clearing = clearing_;
        for (uint256 i = 0; i < zones.length; ++i) {
            _setTimeZone(zones[i].name, zones[i].rule);
        }
    }

    /// @inheritdoc IForcedClaims
    function raise(Direction, ChargeEvidence calldata, HandIn calldata) external pure returns (bytes32) {
        revert NotBuilt();
    }

    /// @inheritdoc IForcedClaims
    function objectSettled(Claim calldata, uint64, bytes32, uint256, bytes32[] calldata) external pure {
        revert NotBuilt();
    }

    /// @inheritdoc IForcedClaims
    function objectRevoked(Claim calldata, bytes32, bytes32[] calldata) external pure {
        revert NotBuilt();
    }

    /// @inheritdoc IForcedClaims
    function objectMeter(Claim calldata, bytes calldata, bytes calldata) external pure {
        revert NotBuilt();
    }

    /// @inheritdoc IForcedClaims
    function demandRecord(Claim calldata) external pure {
        revert NotBuilt();
    }

    /// @inheritdoc IForcedClaims
    function showRecord(Claim calldata, bytes calldata) external pure {
        revert NotBuilt();
    }

    /// @inheritdoc IForcedClaims
    function pay(Claim calldata) external pure {
        revert NotBuilt();
    }

    // ---------------------------------------------------------------------------------------------------- anchors

    /// @inheritdoc IForcedClaims
    function anchorHandIn(bytes32 root) external {
        if (root == 0) revert RootMissing();
        if (_handInAnchoredAt[root] != 0) return;
        _handInAnchoredAt[root] = uint64(block.timestamp);
        emit HandInAnchored(root, uint64(block.timestamp));
    }

    /// @inheritdoc IForcedClaims
    function anchorRevocations(bytes32 root) external {
        bytes32 memberId = consortium.memberOf(msg.sender);
        if (memberId == 0) revert NotAMember();
        if (root == 0) revert RootMissing();
        if (_revocationsAnchoredAt[memberId][root] != 0) return;
        _revocationsAnchoredAt[memberId][root] = uint64(block.timestamp);
        emit RevocationsAnchored(memberId, root, uint64(block.timestamp));
    }

    // ------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IForcedClaims
    function claimIdOf(bytes32 authorizationId, Direction direction) public pure returns (bytes32) {
        return keccak256(abi.encode(authorizationId, direction));
    }

    /// @inheritdoc IForcedClaims
    function statusOf(bytes32 claimId) external view returns (Status) {
        bytes32 kept = _claims[claimId];
        if (kept == 0) return Status.None;
        if (kept == PAID) return Status.Paid;
        return kept == VOID ? Status.Void : Status.Raised;
    }

    /// @inheritdoc IForcedClaims
    function handInAnchoredAt(bytes32 root) external view returns (uint64) {
        return _handInAnchoredAt[root];
    }

    /// @inheritdoc IForcedClaims
    function revocationsAnchoredAt(bytes32 memberId, bytes32 root) external view returns (uint64) {
        return _revocationsAnchoredAt[memberId][root];
    }
}
