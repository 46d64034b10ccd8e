#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "events/secret/fingerprint.h"
#include "projections/fold/entity.h"
#include "services/api/connection_paths.h"
#include "services/api/json_body.h"

namespace conntrail::api {

// What a document asks to be different, path by path.
struct DocumentEdit {
  std::map<std::string, FieldValue> fields;  // monostate: gone
  std::map<std::string, SecretFingerprint> secrets;

  void Set(const std::string& path, FieldValue value) { fields[path] = std::move(value); }
  void Drop(const std::string& path) { fields[path] = {}; }
  // A secret that is given is not dropped.
  void Take(SecretFingerprint secret);

  std::vector<FieldChange> Changes() const;
  std::vector<SecretFingerprint> Secrets() const;
};

// Reads the members of one JSON object that the catalog describes, merged into what a connection
// has. Faults are the reader's.
class DescribedReader {
 public:
  // `base` is what is merged into, nothing for a document that must be whole: then every required
  // member must be there. All must outlive the reader.
  DescribedReader(BodyReader& reader, const Fingerprinter& fingerprinter, const Connection& base,
                  DocumentEdit& edit)
      : reader_(reader), fingerprinter_(fingerprinter), base_(base), edit_(edit) {}

  struct Mode {
    bool whole = true;   // required members must be there
    bool patch = false;  // members of edits are allowed
  };
  // Reads the members `fields` of `object`; their paths begin with `prefix`. Members that are made
  // here come from `external_id`.
  void Read(const JsonValue& object, std::span<const CatalogField> fields, std::string_view prefix,
            Mode mode, std::string_view external_id);

 private:
  void ReadMember(const JsonValue& value, const CatalogField& field, const std::string& path,
                  Mode mode);
  void ReadText(const JsonValue& value, const CatalogField& field, const std::string& path);
  void ReadSecret(const JsonValue& value, const CatalogField& field, const std::string& path,
                  bool known);
  void ReadTexts(const JsonValue& value, const CatalogField& field, const std::string& path);
  void ReadContent(const JsonValue& value, const CatalogField& field, const std::string& path);
  void ReadEntries(const JsonValue& list, const CatalogField& field, const std::string& path,
                   Mode mode);
  void ReadEntry(const JsonValue& entry, const CatalogField& field, const std::string& path,
                 bool known);
  std::string EntryName(const JsonValue& entry, const CatalogField& field);
  void DropMember(const CatalogField& field, const std::string& path);
  void DropEntry(const CatalogField& field, const std::string& path);
  void RequireReadOnlyAsItIs(const JsonValue& value, const CatalogField& field,
                             const std::string& path, Mode mode);
  void RequireNeeded(const JsonValue& object, std::span<const CatalogField> fields,
                     std::string_view prefix);

  bool HasSecret(std::string_view path) const;
  // After the edit.
  bool WillHave(const CatalogField& field, const std::string& path) const;
  std::string TextAfter(const std::string& path) const;

  BodyReader& reader_;
  const Fingerprinter& fingerprinter_;
  const Connection& base_;
  DocumentEdit& edit_;
};

}  // namespace conntrail::api
