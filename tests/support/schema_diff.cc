#include "tests/support/schema_diff.h"

#include <flatbuffers/idl.h>
#include <flatbuffers/reflection.h>
#include <fmt/format.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

using Lines = std::vector<std::string>;

std::string_view ViewOf(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->c_str(), text->size());
}

template <typename Item>
const Item* ByName(const flatbuffers::Vector<flatbuffers::Offset<Item>>& items,
                   std::string_view name) {
  for (const Item* item : items) {
    if (ViewOf(item->name()) == name) return item;
  }
  return nullptr;
}

// A schema whose tables and enums can be found by name, and which tells types by name: numbers of
// tables change when one is added.
class Schema {
 public:
  explicit Schema(std::string_view bfbs) {
    flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bfbs.data()), bfbs.size());
    CONNTRAIL_CHECK(reflection::VerifySchemaBuffer(verifier));
    schema_ = reflection::GetSchema(bfbs.data());
  }

  const reflection::Schema* operator->() const { return schema_; }

  std::string TypeName(const reflection::Type* type) const {
    if (type == nullptr) return "";
    const bool is_list = type->element() != reflection::BaseType::None;
    const auto base = is_list ? type->element() : type->base_type();
    return fmt::format("{}{}{}[{}]", is_list ? "list of " : "", reflection::EnumNameBaseType(base),
                       NamedPart(base, type->index()), type->fixed_length());
  }

 private:
  std::string NamedPart(reflection::BaseType base, int32_t index) const {
    if (index < 0) return "";
    const auto at = static_cast<flatbuffers::uoffset_t>(index);
    if (base == reflection::BaseType::Obj) {
      return " " + std::string(ViewOf(schema_->objects()->Get(at)->name()));
    }
    return " " + std::string(ViewOf(schema_->enums()->Get(at)->name()));
  }

  const reflection::Schema* schema_;
};

class Comparison {
 public:
  Comparison(std::string_view released, std::string_view current)
      : released_(released), current_(current) {}

  Lines Run() {
    Equal("the schema", "file identifier", ViewOf(released_->file_ident()),
          ViewOf(current_->file_ident()));
    Equal("the schema", "root type", RootName(released_), RootName(current_));
    for (const reflection::Enum* old : *released_->enums()) CompareEnum(*old);
    for (const reflection::Object* old : *released_->objects()) CompareObject(*old);
    return std::move(lines_);
  }

 private:
  template <typename T>
  void Equal(std::string_view place, std::string_view what, const T& old, const T& now) {
    if (old != now) lines_.push_back(fmt::format("{}: {} was {}, is {}", place, what, old, now));
  }
  void Break(std::string_view place, std::string_view what) {
    lines_.push_back(fmt::format("{}: {}", place, what));
  }
  static std::string_view RootName(const Schema& schema) {
    return schema->root_table() == nullptr ? "" : ViewOf(schema->root_table()->name());
  }

  void CompareEnum(const reflection::Enum& old) {
    const std::string_view name = ViewOf(old.name());
    const reflection::Enum* now = ByName(*current_->enums(), name);
    if (now == nullptr) return Break(name, "is gone");
    Equal(name, "union", old.is_union(), now->is_union());
    Equal(name, "type", released_.TypeName(old.underlying_type()),
          current_.TypeName(now->underlying_type()));
    for (const reflection::EnumVal* value : *old.values()) CompareEnumValue(name, *value, *now);
  }

  void CompareEnumValue(std::string_view enum_name, const reflection::EnumVal& old,
                        const reflection::Enum& now_enum) {
    const std::string place = fmt::format("{}.{}", enum_name, ViewOf(old.name()));
    const reflection::EnumVal* now = now_enum.values()->LookupByKey(old.value());
    if (now == nullptr) return Break(place, fmt::format("number {} is gone", old.value()));
    Equal(place, "name", ViewOf(old.name()), ViewOf(now->name()));
    Equal(place, "member", released_.TypeName(old.union_type()),
          current_.TypeName(now->union_type()));
  }

  void CompareObject(const reflection::Object& old) {
    const std::string_view name = ViewOf(old.name());
    const reflection::Object* now = ByName(*current_->objects(), name);
    if (now == nullptr) return Break(name, "is gone");
    Equal(name, "struct", old.is_struct(), now->is_struct());
    if (old.is_struct()) {
      Equal(name, "size", old.bytesize(), now->bytesize());
      Equal(name, "alignment", old.minalign(), now->minalign());
      Equal(name, "number of fields", old.fields()->size(), now->fields()->size());
    }
    for (const reflection::Field* field : *old.fields()) {
      CompareField(name, *field, FieldById(*now, field->id()));
    }
    for (const reflection::Field* field : *now->fields()) {
      if (field->required() && FieldById(old, field->id()) == nullptr) {
        Break(fmt::format("{}.{}", name, ViewOf(field->name())), "a later field is required");
      }
    }
  }

  static const reflection::Field* FieldById(const reflection::Object& object, uint16_t id) {
    for (const reflection::Field* field : *object.fields()) {
      if (field->id() == id) return field;
    }
    return nullptr;
  }

  void CompareField(std::string_view object_name, const reflection::Field& old,
                    const reflection::Field* now) {
    const std::string place = fmt::format("{}.{}", object_name, ViewOf(old.name()));
    if (now == nullptr) return Break(place, fmt::format("id {} is gone", old.id()));
    Equal(place, "name", ViewOf(old.name()), ViewOf(now->name()));
    Equal(place, "type", released_.TypeName(old.type()), current_.TypeName(now->type()));
    Equal(place, "offset", old.offset(), now->offset());
    Equal(place, "default", old.default_integer(), now->default_integer());
    Equal(place, "default", old.default_real(), now->default_real());
    Equal(place, "required", old.required(), now->required());
    Equal(place, "optional", old.optional(), now->optional());
    Equal(place, "deprecated", old.deprecated(), now->deprecated());
  }

  Schema released_;
  Schema current_;
  Lines lines_;
};

}  // namespace

Result<std::string> CompileSchema(std::string_view fbs, const std::string& directory) {
  flatbuffers::Parser parser;
  const char* include_paths[] = {directory.c_str(), nullptr};
  const char** includes = directory.empty() ? nullptr : include_paths;
  if (!parser.Parse(std::string(fbs).c_str(), includes))
    return Status::InvalidArgument(parser.error_);
  parser.Serialize();
  return std::string(reinterpret_cast<const char*>(parser.builder_.GetBufferPointer()),
                     parser.builder_.GetSize());
}

std::vector<std::string> SchemaBreaks(std::string_view released, std::string_view current) {
  return Comparison(released, current).Run();
}

}  // namespace conntrail
