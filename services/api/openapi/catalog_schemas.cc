#include <fmt/format.h>

#include "events/base/json_writer.h"
#include "services/api/integration_catalog.h"
#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

enum class Form { kCreate, kPatch, kAnswer };

constexpr std::string_view kAccountPattern =
    "^(user|service_account):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
constexpr std::string_view kPlainPattern = R"(^[^\u0000-\u001f\u007f-\u009f]*$)";
constexpr std::string_view kUrlPattern =
    R"(^https?://[^/?#@ \u0000-\u001f\u007f-\u009f]+([/?#][^ \u0000-\u001f\u007f-\u009f]*)?$)";
constexpr std::string_view kCertificatePattern =
    R"(^-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----)";

std::string_view FormName(Form form) {
  return form == Form::kCreate ? "Create" : form == Form::kPatch ? "Patch" : "Answer";
}

void Text(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void Ref(JsonWriter& out, std::string_view name) {
  out.BeginObject();
  Text(out, "$ref", fmt::format("#/components/schemas/{}", name));
  out.EndObject();
}

// Writes the schema of one object of the catalog: its type, its fields, and what is added to them.
class FormWriter {
 public:
  FormWriter(JsonWriter& out, Form form) : out_(out), form_(form) {}

  void Begin(std::string_view title, std::string_view help) {
    out_.BeginObject();
    Text(out_, "type", "object");
    Text(out_, "title", title);
    if (!help.empty()) Text(out_, "description", help);
    if (form_ != Form::kAnswer) {
      out_.Name("additionalProperties");
      out_.Bool(false);
    }
  }
  void Properties(std::string_view type, std::span<const CatalogField> fields);
  void Required(std::span<const CatalogField> fields, bool with_credentials);
  void Conditions(std::span<const CatalogField> fields);

 private:
  bool IsRequired(const CatalogField& field) const {
    return form_ != Form::kPatch && field.required && !field.read_only;
  }
  void Field(const CatalogField& field);
  void Shape(const CatalogField& field);
  void PlainText(size_t bytes_min, size_t bytes_max, std::string_view pattern);
  void SecretText(const CatalogField& field);
  void Entries(const CatalogField& field);
  void Content(const CatalogField& field);

  JsonWriter& out_;
  const Form form_;
};

void FormWriter::Properties(std::string_view type, std::span<const CatalogField> fields) {
  out_.Name("properties");
  out_.BeginObject();
  out_.Name("type");
  out_.BeginObject();
  Text(out_, "const", type);
  out_.EndObject();
  for (const CatalogField& field : fields) {
    if (field.patch_only && form_ != Form::kPatch) continue;
    if (field.read_only && form_ == Form::kCreate) continue;
    out_.Name(field.name);
    Field(field);
  }
}

void FormWriter::Required(std::span<const CatalogField> fields, bool with_credentials) {
  out_.Name("required");
  out_.BeginArray();
  out_.Text("type");
  for (const CatalogField& field : fields) {
    if (IsRequired(field)) out_.Text(field.name);
  }
  if (with_credentials && form_ != Form::kPatch) out_.Text("credentials");
  out_.EndArray();
}

// What is needed only for one of the choices.
void FormWriter::Conditions(std::span<const CatalogField> fields) {
  const CatalogField* step = nullptr;
  for (const CatalogField& field : fields) {
    if (field.name == "first_step") step = &field;
  }
  if (step == nullptr || form_ != Form::kCreate) return;
  out_.Name("allOf");
  out_.BeginArray();
  for (const std::string_view choice : step->choices) {
    std::string needed;
    for (const CatalogField& field : fields) {
      if (field.needed_if != choice) continue;
      needed += fmt::format("{}\"{}\"", needed.empty() ? "" : ",", field.name);
    }
    out_.Raw(fmt::format(
        R"({{"if":{{"properties":{{"first_step":{{"const":"{}"}}}}}},"then":{{"required":[{}]}}}})",
        choice, needed));
  }
  out_.EndArray();
}

void FormWriter::Field(const CatalogField& field) {
  // Beside a $ref or an anyOf, members of a schema count too.
  const bool may_be_null = form_ == Form::kPatch && !field.required && !field.read_only &&
                           field.kind != CatalogFieldKind::kFlag;
  out_.BeginObject();
  if (!field.label.empty()) Text(out_, "title", field.label);
  if (!field.help.empty()) Text(out_, "description", field.help);
  if (field.read_only) {
    out_.Name("readOnly");
    out_.Bool(true);
  }
  if (may_be_null) {
    out_.Name("anyOf");
    out_.BeginArray();
    out_.BeginObject();
    Shape(field);
    out_.EndObject();
    out_.Raw(R"({"type":"null"})");
    out_.EndArray();
  } else {
    Shape(field);
  }
  out_.EndObject();
}

void FormWriter::PlainText(size_t bytes_min, size_t bytes_max, std::string_view pattern) {
  Text(out_, "type", "string");
  if (form_ == Form::kAnswer) return;  // what a source has told keeps no rules
  if (bytes_min > 0) {
    out_.Name("minLength");
    out_.Uint(bytes_min);
  }
  out_.Name("maxLength");
  out_.Uint(bytes_max);
  if (!pattern.empty()) Text(out_, "pattern", pattern);
}

void FormWriter::SecretText(const CatalogField& field) {
  if (form_ == Form::kAnswer) return Text(out_, "const", "");
  // An empty text in an edit is what was answered: it changes nothing.
  PlainText(form_ == Form::kCreate ? 1 : 0, field.bytes_max, "");
  Text(out_, "format", "password");
  out_.Name("writeOnly");
  out_.Bool(true);
}

void FormWriter::Shape(const CatalogField& field) {
  using enum CatalogFieldKind;
  const std::string_view pattern =
      field.pattern == nullptr ? kPlainPattern : field.pattern->expression;
  switch (field.kind) {
    case kText:
      if (!field.constant.empty()) return Text(out_, "const", field.constant);
      return PlainText(1, field.bytes_max, pattern);
    case kSecret:
      return SecretText(field);
    case kUrl:
      return PlainText(1, field.bytes_max, kUrlPattern);
    case kAccount:
      return PlainText(1, field.bytes_max, kAccountPattern);
    case kCertificate:
      return PlainText(1, field.bytes_max, kCertificatePattern);
    case kTime:
      PlainText(1, field.bytes_max, "");
      if (form_ != Form::kAnswer) Text(out_, "format", "date-time");
      return;
    case kChoice:
      Text(out_, "type", "string");
      if (form_ == Form::kAnswer) return;
      out_.Name("enum");
      out_.BeginArray();
      for (const std::string_view choice : field.choices) out_.Text(choice);
      return out_.EndArray();
    case kInteger:
      Text(out_, "type", "integer");
      out_.Name("minimum");
      out_.Uint(0);
      out_.Name("maximum");
      return out_.Int(field.integer_max);
    case kFlag:
      return Text(out_, "type", "boolean");
    case kTexts:
      Text(out_, "type", "array");
      out_.Name("maxItems");
      out_.Uint(kListEntriesMax);
      out_.Name("items");
      out_.BeginObject();
      PlainText(1, field.bytes_max, kPlainPattern);
      return out_.EndObject();
    case kNamedTexts:
    case kNamedSecrets:
      return Entries(field);
    case kContent:
      return Content(field);
  }
}

void FormWriter::Entries(const CatalogField& field) {
  Text(out_, "type", "array");
  out_.Name("maxItems");
  out_.Uint(kListEntriesMax);
  out_.Name("items");
  out_.BeginObject();
  Text(out_, "type", "object");
  if (form_ != Form::kAnswer) {
    out_.Name("additionalProperties");
    out_.Bool(false);
  }
  out_.Name("required");
  out_.BeginArray();
  out_.Text("name");
  if (field.is_secret()) out_.Text("type");
  if (form_ != Form::kPatch) out_.Text("value");
  out_.EndArray();
  out_.Name("properties");
  out_.BeginObject();
  out_.Name("name");
  out_.BeginObject();
  PlainText(1, kEntryNameBytesMax, field.pattern->expression);
  out_.EndObject();
  if (field.is_secret()) {
    out_.Name("type");
    out_.Raw(R"({"const":"SECRET"})");
  }
  out_.Name("value");
  out_.BeginObject();
  if (field.is_secret()) {
    SecretText(field);
  } else {
    PlainText(0, field.bytes_max, kPlainPattern);
  }
  out_.EndObject();
  if (form_ == Form::kPatch) {
    out_.Name("deleted");
    out_.Raw(R"({"type":"boolean","description":"Takes the entry of that name away."})");
  }
  out_.EndObject();
  out_.EndObject();
}

void FormWriter::Content(const CatalogField& field) {
  Text(out_, "type", "object");
  if (form_ != Form::kAnswer) {
    out_.Name("additionalProperties");
    out_.Bool(false);
  }
  out_.Name("properties");
  out_.BeginObject();
  for (const std::string_view name : {"content", "content_type"}) {
    out_.Name(name);
    out_.BeginObject();
    PlainText(0, field.bytes_max, "");
    out_.EndObject();
  }
  out_.EndObject();
}

// {"oneOf":[…],"discriminator":…} over schemas whose "type" tells them apart; in answers also what
// a source has reported under a name that is not in the catalog.
template <typename Item>
void OneOf(JsonWriter& out, std::span<const Item> items, std::string_view suffix, Form form,
           std::string_view other) {
  const auto name_of = [&](const Item& item) {
    return fmt::format("{}{}{}", item.type, suffix, FormName(form));
  };
  out.BeginObject();
  out.Name("oneOf");
  out.BeginArray();
  for (const Item& item : items) Ref(out, name_of(item));
  if (form == Form::kAnswer) {
    out.BeginObject();
    Text(out, "type", "object");
    Text(out, "title", "Not in the catalog");
    out.Name("required");
    out.Raw(other);
    out.Name("properties");
    out.BeginObject();
    out.Name("type");
    out.BeginObject();
    Text(out, "type", "string");
    out.Name("not");
    out.BeginObject();
    out.Name("enum");
    out.BeginArray();
    for (const Item& item : items) out.Text(item.type);
    out.EndArray();
    out.EndObject();
    out.EndObject();
    out.EndObject();
    out.EndObject();
  }
  out.EndArray();
  if (form != Form::kAnswer) {
    out.Name("discriminator");
    out.BeginObject();
    Text(out, "propertyName", "type");
    out.Name("mapping");
    out.BeginObject();
    for (const Item& item : items) {
      Text(out, item.type, fmt::format("#/components/schemas/{}", name_of(item)));
    }
    out.EndObject();
    out.EndObject();
  }
  out.EndObject();
}

std::string VariantSchema(const CredentialVariant& variant, Form form) {
  JsonWriter out;
  FormWriter writer(out, form);
  writer.Begin(variant.label, variant.help);
  writer.Required(variant.fields, false);
  writer.Properties(variant.type, variant.fields);
  out.EndObject();
  writer.Conditions(variant.fields);
  out.EndObject();
  return out.Take();
}

std::string IntegrationSchema(const IntegrationType& integration, Form form) {
  JsonWriter out;
  FormWriter writer(out, form);
  writer.Begin(integration.label, "");
  writer.Required(integration.fields, true);
  writer.Properties(integration.type, integration.fields);
  out.Name("credentials");
  OneOf(out, integration.variants, "", form, R"(["type"])");
  out.EndObject();
  out.EndObject();
  return out.Take();
}

}  // namespace

void AddCatalogSchemas(SchemaMap& schemas) {
  for (const Form form : {Form::kCreate, Form::kPatch, Form::kAnswer}) {
    const std::string_view suffix = FormName(form);
    for (const IntegrationType& integration : IntegrationCatalog()) {
      for (const CredentialVariant& variant : integration.variants) {
        schemas.emplace(fmt::format("{}{}", variant.type, suffix), VariantSchema(variant, form));
      }
      schemas.emplace(fmt::format("{}Integration{}", integration.type, suffix),
                      IntegrationSchema(integration, form));
    }
    JsonWriter out;
    OneOf(out, IntegrationCatalog(), "Integration", form, R"(["type","credentials"])");
    schemas.emplace(fmt::format("Integration{}", suffix), out.Take());
  }
}

}  // namespace conntrail::api
