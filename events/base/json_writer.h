#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace conntrail {

// Writes JSON (RFC 8259) into a string, without white space. The caller keeps begins and ends,
// names and values in step; commas are the writer's. What comes out is always valid UTF-8: a byte
// of a text that is not becomes U+FFFD.
class JsonWriter {
 public:
  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  // The name of the next value. Inside an object only.
  void Name(std::string_view name);

  void Null() { Bare("null"); }
  void Bool(bool value) { Bare(value ? "true" : "false"); }
  void Int(int64_t value);
  void Uint(uint64_t value);
  void Text(std::string_view value);
  // `json` is one value, written before by one of us.
  void Raw(std::string_view json) { Bare(json); }

  // Ends a line of a stream of values (NDJSON). Outside of all objects and arrays only.
  void EndLine();

  const std::string& text() const { return out_; }
  // Leaves the writer as a new one.
  std::string Take();

 private:
  void Open(char bracket);
  void Close(char bracket);
  void Separate();
  void Bare(std::string_view literal);
  void Quoted(std::string_view text);
  void Escaped(std::string_view text);

  std::string out_;
  bool comma_ = false;  // a value stands before, on the same level
};

}  // namespace conntrail
