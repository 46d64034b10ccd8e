#include "events/event_codec.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events/log/event_log.h"
#include "events/model/enum_names.h"
#include "schemas/event_generated.h"
#include "tests/support/event_generators.h"
#include "tests/support/sample_events.h"

namespace conntrail {
namespace {

std::vector<EventType> AllTypes() {
  std::vector<EventType> types;
  for (int type = 1; type <= kEventTypeMax; ++type) types.push_back(static_cast<EventType>(type));
  return types;
}

// What anything that decodes must keep: it can be written again and is then the same.
void ExpectStable(const DecodedEvent& decoded) {
  if (decoded.fault != DecodeFault::kNone) return;
  const DecodedEvent again = DecodeEvent(EncodeEvent(decoded.event));
  EXPECT_EQ(again.fault, DecodeFault::kNone) << again.place;
  EXPECT_EQ(again.event, decoded.event);
}

RC_GTEST_PROP(EventCodec, GivesBackEveryEventAsItWas, ()) {
  for (const EventType type : AllTypes()) {
    const Event event = *EventsOf(type);
    const DecodedEvent decoded = DecodeEvent(EncodeEvent(event));
    if (decoded.fault != DecodeFault::kNone) RC_FAIL(decoded.place);
    RC_ASSERT(decoded.event == event);
  }
}

RC_GTEST_PROP(EventCodec, WritesTheSameEventAsTheSameBytes, ()) {
  const Event event = *AnyEvent();
  const Bytes first = EncodeEvent(event);
  (void)EncodeEvent(*AnyEvent());
  RC_ASSERT(EncodeEvent(event) == first);
}

RC_GTEST_PROP(EventCodec, DecisiveDepthLeavesOutTheContextButForTheInterfaceAndNothingElse, ()) {
  Event event = *AnyEvent();
  const Bytes bytes = EncodeEvent(event);
  event.context = {.interface = event.context.interface};
  RC_ASSERT(DecodeEvent(bytes, DecodeDepth::kDecisive).event == event);
}

TEST(EventCodec, ReadsEventsAtAnyAddress) {
  for (const EventType type : AllTypes()) {
    const Bytes bytes = EncodeEvent(SampleEvent(type));
    for (size_t shift = 0; shift < 16; ++shift) {
      Bytes shifted(shift + bytes.size());
      std::memcpy(shifted.data() + shift, bytes.data(), bytes.size());
      EXPECT_EQ(DecodeEvent(ByteSpan(shifted).subspan(shift)).event, SampleEvent(type));
    }
  }
}

TEST(EventCodec, TakesNoTruncatedEvent) {
  for (const EventType type : AllTypes()) {
    const Bytes bytes = EncodeEvent(SampleEvent(type));
    for (size_t size = 0; size < bytes.size(); ++size) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_NE(DecodeEvent(cut).fault, DecodeFault::kNone)
          << EventTypeName(type) << " cut to " << size << " of " << bytes.size();
    }
  }
}

TEST(EventCodec, AnswersWhateverByteIsChanged) {
  for (const EventType type : AllTypes()) {
    const Bytes whole = EncodeEvent(SampleEvent(type));
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const unsigned change : {0x01u, 0x02u, 0x04u, 0x08u, 0x10u, 0x40u, 0x80u, 0xFFu}) {
        Bytes bytes = whole;
        bytes[at] ^= static_cast<std::byte>(change);
        ExpectStable(DecodeEvent(bytes));
      }
    }
  }
}

TEST(EventCodec, KnowsWhatIsNoEventAtAll) {
  EXPECT_EQ(DecodeEvent({}).fault, DecodeFault::kNotAnEvent);
  EXPECT_EQ(DecodeEvent(AsBytes("{\"type\":\"seal\"}")).fault, DecodeFault::kNotAnEvent);
  Bytes other_identifier = EncodeEvent(SampleEvent(EventType::kSeal));
  std::memcpy(other_identifier.data() + 4, "CTRW", 4);
  EXPECT_EQ(DecodeEvent(other_identifier).fault, DecodeFault::kNotAnEvent);
}

TEST(EventCodec, RefusesMoreBytesThanARecordHolds) {
  Event event = SampleEvent(EventType::kPolicyReplaced);
  auto& grants = std::get<PolicyReplaced>(event.action).grants;
  grants.resize(kPrincipalsMax, grants.front());
  const Bytes bytes = EncodeEvent(event);
  ASSERT_GT(bytes.size(), kRecordBytesMax);
  EXPECT_EQ(DecodeEvent(bytes).fault, DecodeFault::kNotAnEvent);
}

// ---- rules beyond the structure

struct Rule {
  const char* sentence;
  const char* place;
  EventType type;
  std::function<void(Event&)> break_it;
};

template <typename T>
T& In(Event& event) {
  return std::get<T>(event.action);
}

const Rule kRules[] = {
    {"the event has an id", "id", EventType::kSeal, [](Event& e) { e.id = {}; }},
    {"an intent belongs to an org", "org", EventType::kConnectionResumed,
     [](Event& e) { e.authority = Authority::kIntent, e.org = {}; }},
    {"a text is UTF-8", "reason", EventType::kSeal,
     [](Event& e) { e.context.reason = "\xC3\x28"; }},
    {"a text has no NUL", "source", EventType::kSeal,
     [](Event& e) { e.context.source = std::string("a\0b", 3); }},
    {"a text has a greatest length", "producer", EventType::kSeal,
     [](Event& e) { e.producer = std::string(kTextBytesMax + 1, 'x'); }},
    {"a path is UTF-8", "action.fields", EventType::kConnectionCreated,
     [](Event& e) { In<ConnectionCreated>(e).fields[0].path = "\xFF"; }},
    {"a list item is UTF-8", "action.fields", EventType::kConnectionCreated,
     [](Event& e) { In<ConnectionCreated>(e).fields[0].value = TextList{"\xFF"}; }},
    {"a path is not empty", "action.changes", EventType::kConnectionEdited,
     [](Event& e) { In<ConnectionEdited>(e).changes[0].path = ""; }},
    {"a path stands once in the changes", "action.changes", EventType::kConnectionEdited,
     [](Event& e) { In<ConnectionEdited>(e).changes[2].path = "name"; }},
    {"a path stands once in the fields", "action.last_fields", EventType::kConnectionDeleted,
     [](Event& e) { In<ConnectionDeleted>(e).last_fields[3].path = "active"; }},
    {"fields have a greatest number", "action.fields", EventType::kConnectionCreated,
     [](Event& e) {
       for (size_t i = 0; i <= kFieldsMax; ++i) {
         SetField(In<ConnectionCreated>(e).fields, std::to_string(i), true);
       }
     }},
    {"list items have a greatest number", "action.consent", EventType::kCredentialIssued,
     [](Event& e) { In<CredentialIssued>(e).consent->scopes.assign(kListItemsMax + 1, "s"); }},
    {"an authority has a name", "authority", EventType::kSeal,
     [](Event& e) { e.authority = static_cast<Authority>(kAuthorityMax + 1); }},
    {"an interface has a name", "interface", EventType::kSeal,
     [](Event& e) { e.context.interface = static_cast<Interface>(kInterfaceMax + 1); }},
    {"an actor kind has a name", "actor.kind", EventType::kSeal,
     [](Event& e) { e.actor.kind = static_cast<ActorKind>(99); }},
    {"a principal kind has a name", "on_behalf_of", EventType::kSeal,
     [](Event& e) { e.on_behalf_of->kind = static_cast<PrincipalKind>(kPrincipalKindMax + 1); }},
    {"a principal is somebody", "via", EventType::kSeal,
     [](Event& e) { e.context.via[1].kind = PrincipalKind::kNone; }},
    {"a relation has a name", "action.grants", EventType::kPolicyReplaced,
     [](Event& e) { In<PolicyReplaced>(e).grants[0].relation = static_cast<Relation>(4); }},
    {"a grant grants something", "action.added", EventType::kPolicyPatched,
     [](Event& e) { In<PolicyPatched>(e).added[1].relation = Relation::kNone; }},
    {"a cause has a name", "action.cause", EventType::kCredentialWithdrawn,
     [](Event& e) { In<CredentialWithdrawn>(e).cause = static_cast<CredentialCause>(7); }},
    {"rights are known", "rights", EventType::kSeal, [](Event& e) { e.rights = right::kAll + 1; }},
    {"a key's rights are known", "action.rights", EventType::kKeyRightsChanged,
     [](Event& e) { In<KeyRightsChanged>(e).rights = uint64_t{1} << 63; }},
    {"no time is before 1970", "occurred_at", EventType::kSeal,
     [](Event& e) { e.occurred_at_ms = -1; }},
    {"no time is after 9999", "action.expires_at", EventType::kCredentialRotated,
     [](Event& e) { In<CredentialRotated>(e).expires_at_ms = kTimeMsMax + 1; }},
    {"a position is below its size", "transaction.position", EventType::kSeal,
     [](Event& e) { e.context.transaction = {.id = "t", .position = 2, .size = 2}; }},
    {"an edit names its connection", "action.connection", EventType::kConnectionEdited,
     [](Event& e) { e.refused_by_source = false, In<ConnectionEdited>(e).connection = {}; }},
    {"a group change names its group", "action.group", EventType::kGroupChanged,
     [](Event& e) { e.refused_by_source = false, In<GroupChanged>(e).group = {}; }},
    {"a workflow has an id", "action.workflow", EventType::kWorkflowSaved,
     [](Event& e) { e.refused_by_source = false, In<WorkflowSaved>(e).workflow = {}; }},
    {"a secret names its field", "action.secrets", EventType::kIntegrationConnected,
     [](Event& e) { In<IntegrationConnected>(e).secrets[0].field = ""; }},
};

TEST(EventCodec, HoldsEventsToTheirRulesAndNamesThePlace) {
  for (const Rule& rule : kRules) {
    Event event = SampleEvent(rule.type);
    rule.break_it(event);
    for (const DecodeDepth depth : {DecodeDepth::kWhole, DecodeDepth::kDecisive}) {
      const DecodedEvent decoded = DecodeEvent(EncodeEvent(event), depth);
      EXPECT_EQ(decoded.fault, DecodeFault::kInvalid) << rule.sentence;
      EXPECT_STREQ(decoded.place, rule.place) << rule.sentence;
      EXPECT_EQ(decoded.event.id, event.id) << rule.sentence;
      EXPECT_EQ(decoded.event.org, event.org) << rule.sentence;
      EXPECT_EQ(decoded.event.actor.api_key, event.actor.api_key) << rule.sentence;
      EXPECT_EQ(decoded.event.type(), EventType::kNone) << rule.sentence;
    }
  }
}

TEST(EventCodec, AnAttemptThatItsSourceRefusedNeedsNoSubject) {
  Event event = SampleEvent(EventType::kConnectionCreated);
  event.refused_by_source = true;
  In<ConnectionCreated>(event).connection = {};
  const DecodedEvent decoded = DecodeEvent(EncodeEvent(event));
  EXPECT_EQ(decoded.fault, DecodeFault::kNone) << decoded.place;
  EXPECT_EQ(decoded.event, event);
}

TEST(EventCodec, TheLogsOwnRecordsBelongToNoOrg) {
  Event event = SampleEvent(EventType::kSeal);
  event.authority = Authority::kLog;
  event.org = {};
  EXPECT_EQ(DecodeEvent(EncodeEvent(event)).fault, DecodeFault::kNone);
}

TEST(EventCodec, BringsFieldsAndListsIntoTheirNormalOrder) {
  Event event = SampleEvent(EventType::kConnectionEdited);
  const Event normal = event;
  auto& changes = In<ConnectionEdited>(event).changes;
  std::reverse(changes.begin(), changes.end());
  EXPECT_EQ(DecodeEvent(EncodeEvent(event)).event, normal);

  Event created = SampleEvent(EventType::kConnectionCreated);
  In<ConnectionCreated>(created).fields = {{"scopes", TextList{"b", "a", "b"}}, {"absent", {}}};
  const Fields expected = {{"scopes", TextList{"a", "b"}}};
  Event decoded = DecodeEvent(EncodeEvent(created)).event;
  EXPECT_EQ(In<ConnectionCreated>(decoded).fields, expected);
}

// ---- buffers that our encoder does not write

// An event with ids and this action.
template <typename Table>
Bytes BufferWith(wire::Action type, flatbuffers::FlatBufferBuilder& builder,
                 flatbuffers::Offset<Table> action) {
  const wire::Uuid id(1, 2);
  wire::EventBuilder event(builder);
  event.add_event_id(&id);
  event.add_org(&id);
  event.add_action_type(type);
  event.add_action(action.Union());
  wire::FinishEventBuffer(builder, event.Finish());
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

TEST(EventCodec, TellsALaterSchemasActionFromAFault) {
  flatbuffers::FlatBufferBuilder builder;
  const auto table = wire::CreateSeal(builder);
  const DecodedEvent decoded =
      DecodeEvent(BufferWith(static_cast<wire::Action>(kEventTypeMax + 1), builder, table));
  EXPECT_EQ(decoded.fault, DecodeFault::kUnknownType);
  EXPECT_EQ(decoded.event.id.uuid, (Uuid{1, 2}));
  EXPECT_EQ(decoded.event.org.uuid, (Uuid{1, 2}));
}

TEST(EventCodec, AnEventWithoutAnActionIsOfNoKnownType) {
  Event event = SampleEvent(EventType::kSeal);
  event.action = std::monostate();
  EXPECT_EQ(DecodeEvent(EncodeEvent(event)).fault, DecodeFault::kUnknownType);
}

TEST(EventCodec, AKnownTypeWithoutItsTableIsInvalid) {
  flatbuffers::FlatBufferBuilder builder;
  const DecodedEvent decoded =
      DecodeEvent(BufferWith(wire::Action::KeyRevoked, builder, flatbuffers::Offset<wire::Seal>()));
  EXPECT_EQ(decoded.fault, DecodeFault::kInvalid);
  EXPECT_STREQ(decoded.place, "action");
}

TEST(EventCodec, ADigestHas32BytesAndMustBeThere) {
  for (const size_t size : {0, 31, 33}) {
    flatbuffers::FlatBufferBuilder builder;
    const auto digest = builder.CreateVector(std::vector<uint8_t>(size));
    const auto table = wire::CreateFindingReopened(builder, digest);
    EXPECT_STREQ(DecodeEvent(BufferWith(wire::Action::FindingReopened, builder, table)).place,
                 "action.finding");
  }
  flatbuffers::FlatBufferBuilder builder;
  const auto table = wire::CreateFindingReopened(builder);
  EXPECT_STREQ(DecodeEvent(BufferWith(wire::Action::FindingReopened, builder, table)).place,
               "action.finding");
}

TEST(EventCodec, AValueOfALaterKindIsInvalid) {
  flatbuffers::FlatBufferBuilder builder;
  const auto value = wire::CreateValue(builder, static_cast<wire::ValueKind>(5));
  const auto path = builder.CreateString("name");
  const auto field = wire::CreateField(builder, path, value);
  const auto fields = builder.CreateVector(&field, 1);
  const wire::Uuid id(1, 2);
  const auto table = wire::CreateConnectionCreated(builder, &id, fields);
  EXPECT_STREQ(DecodeEvent(BufferWith(wire::Action::ConnectionCreated, builder, table)).place,
               "action.fields");
}

// 256 changes that share one list of 1,024 items that share one text of 4 kB: 20 kB that would
// unfold to a gigabyte.
TEST(EventCodec, RefusesABufferThatUnfoldsBeyondTheSizeOfARecord) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString(std::string(kTextBytesMax, 'x'));
  const auto list = builder.CreateVector(
      std::vector<flatbuffers::Offset<flatbuffers::String>>(kListItemsMax, text));
  const auto value = wire::CreateValue(builder, wire::ValueKind::list, 0, false, 0, list);
  const auto path = builder.CreateString("p");
  const auto change = wire::CreateFieldChange(builder, path, value, value);
  const auto changes =
      builder.CreateVector(std::vector<flatbuffers::Offset<wire::FieldChange>>(kFieldsMax, change));
  const wire::Uuid id(1, 2);
  const auto table = wire::CreateConnectionEdited(builder, &id, changes);
  const Bytes bytes = BufferWith(wire::Action::ConnectionEdited, builder, table);
  ASSERT_LT(bytes.size(), size_t{20'000});
  const DecodedEvent decoded = DecodeEvent(bytes);
  EXPECT_EQ(decoded.fault, DecodeFault::kInvalid);
  EXPECT_STREQ(decoded.place, "action.changes");
}

// Vectors of structs may stand where their numbers are not aligned: the verifier lets them through.
TEST(EventCodec, ReadsStructsThatStandAtOddPlaces) {
  flatbuffers::FlatBufferBuilder builder;
  const wire::Principal principal(wire::Uuid(3, 4), wire::PrincipalKind::team);
  const auto name = builder.CreateString("four");  // with length and end 12 bytes: shifts by 4
  builder.StartVector(sizeof(principal), 1);
  builder.PushBytes(reinterpret_cast<const uint8_t*>(&principal), sizeof(principal));
  const flatbuffers::Offset<flatbuffers::Vector<const wire::Principal*>> members(
      builder.EndVector(1));
  const auto table =
      wire::CreateGroupChanged(builder, &principal, wire::GroupChange::created, name, members);
  const Bytes bytes = BufferWith(wire::Action::GroupChanged, builder, table);
  const auto* written =
      static_cast<const wire::GroupChanged*>(wire::GetEvent(bytes.data())->action());
  const auto* begin = reinterpret_cast<const uint8_t*>(bytes.data());
  ASSERT_NE((written->members_added()->Data() - begin) % 8, 0);
  const DecodedEvent decoded = DecodeEvent(bytes);
  ASSERT_EQ(decoded.fault, DecodeFault::kNone) << decoded.place;
  EXPECT_THAT(std::get<GroupChanged>(decoded.event.action).members_added,
              testing::ElementsAre(Principal::Team({3, 4})));
}

// ---- the two spellings of one schema

template <typename Value, typename Wire, size_t kCount>
void ExpectNames(const Wire (&values)[kCount], const char* (*name)(Wire)) {
  ASSERT_EQ(kEnumNames<Value>.size(), kCount);
  for (const Wire value : values) {
    std::string_view expected = name(value);
    if (expected.ends_with('_')) expected.remove_suffix(1);  // flatc's way with words of C++
    EXPECT_EQ(EnumName(static_cast<Value>(value)), expected);
  }
}

TEST(EnumNames, AreThoseOfTheSchema) {
  ExpectNames<Authority>(wire::EnumValuesAuthority(), wire::EnumNameAuthority);
  ExpectNames<ActorKind>(wire::EnumValuesActorKind(), wire::EnumNameActorKind);
  ExpectNames<Interface>(wire::EnumValuesInterface(), wire::EnumNameInterface);
  ExpectNames<Relation>(wire::EnumValuesRelation(), wire::EnumNameRelation);
  ExpectNames<CredentialCause>(wire::EnumValuesCredentialCause(), wire::EnumNameCredentialCause);
  ExpectNames<UseMode>(wire::EnumValuesUseMode(), wire::EnumNameUseMode);
  ExpectNames<AccountChange>(wire::EnumValuesAccountChange(), wire::EnumNameAccountChange);
  ExpectNames<GroupChange>(wire::EnumValuesGroupChange(), wire::EnumNameGroupChange);
  ExpectNames<RunAs>(wire::EnumValuesRunAs(), wire::EnumNameRunAs);
  ExpectNames<ReviewVerdict>(wire::EnumValuesReviewVerdict(), wire::EnumNameReviewVerdict);
  ExpectNames<KeyKind>(wire::EnumValuesKeyKind(), wire::EnumNameKeyKind);
}

}  // namespace
}  // namespace conntrail
