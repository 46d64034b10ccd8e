#include "tools/evidence/readme_text.h"

#include <fmt/format.h>

namespace conntrail::evidence {
namespace {

constexpr std::string_view kText = R"(# Evidence: {0}

Records {1} up to {2} (of {3}) of the trail of "{0}" ({4}), as the log `{5}` has signed it. Each
record is an attempt to change or to use a credential, with what came of it; refused ones are there
too. The numbers are dense: if 0 to n are here, there was nothing else before n.

## What you need from elsewhere

The **verifier key** of the log, from somebody you trust and not from this export. This export says

    {6}

and if the key that you were given is another one, stop here. If you have kept the file `checkpoint`
of an earlier review, have it at hand: it shows that nothing before it has been changed since.
**Keep the file `checkpoint` of this export** for the next one. Without a witness, and without an
auditor who keeps checkpoints, whoever holds the signing key could write a second history.

## Check it with conntrail-verify

    conntrail-verify PATH --vkey KEY                            # PATH: this zip file or directory
    conntrail-verify PATH --vkey KEY --since OLD_CHECKPOINT     # and the one that you kept

It needs no network and nothing of whoever wrote this. It ends with 0 if all is as it was signed, and
with 1 and the file, the place, what was expected and what was found if not.

## Check it with programs of others

Unpacked, this is a log of C2SP tlog-tiles: https://c2sp.org/tlog-tiles (tiles, bundles of entries),
https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note (the file `checkpoint`). In Go:

    import (
      "golang.org/x/mod/sumdb/note"
      "golang.org/x/mod/sumdb/tlog"
    )
    verifier, err := note.NewVerifier(KEY)
    signed, err := note.Open(checkpoint, note.VerifierList(verifier))  // 1. the signature
    // 2. signed.Text has three lines: the origin {5}, the size, the root in base64.
    // 3. Each entry of tile/entries/* hashes (tlog.RecordHash) to its place in tile/0/*.
    // 4. Each full tile/L/N hashes to its place in tile/L+1/N/256, and the right edges to the root:
    //    tlog.TileHashReader and tlog.TreeHash do that, and refuse what does not fit.

An entry is 28 bytes, big-endian, and the record as it stands in the log: u8 1, u8 outcome, u16 reason,
u32 rules version, u64 time in ms, u64 revision, u32 slot; its hash is SHA-256(0x00 | entry). A
record of more than 60,000 bytes is there as its length (u64) and SHA-256.

## What is in here

| file | what | how far it is checked |
| --- | --- | --- |
| checkpoint | origin, size and root of the whole trail, signed | the signature, by your key |
| checkpoint.from | the last one signed before the first record, if this is a part | signature, consistency |
| tile/0..., tile/1... | hashes of all records of the trail | up to the root |
| tile/entries/... | the records | each one, against its hash |
| decoded/trail.ndjson | the same, one a line, to be read | number, time, outcome, reason, revision, hash: against the entries. The event itself is what the exporter read in the entry |
| decoded/trail.csv | for spreadsheets | bytes and rows, against manifest.json |
| decoded/ocsf.ndjson | for a SIEM: Open Cybersecurity Schema Framework | bytes and rows, against manifest.json |
| manifest.json | sizes, SHA-256, control totals | against all of these; nobody has signed it, so the name of the organisation is the exporter's word: the origin is what is signed |

## Control totals

{7}
)";

std::string TotalsText(const verify::Manifest& manifest) {
  std::string text = "| outcome | records |\n| --- | ---: |\n";
  for (const auto& [name, count] : manifest.by_outcome) {
    text += fmt::format("| {} | {} |\n", name, count);
  }
  text += "\n| type | records |\n| --- | ---: |\n";
  for (const auto& [name, count] : manifest.by_type) {
    text += fmt::format("| {} | {} |\n", name.empty() ? "(no event)" : name, count);
  }
  text.pop_back();
  return text;
}

// On one line, and nothing that Markdown would take for more than a text.
std::string Plain(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool is_mark = std::string_view("`*_[]<>|#\\\"").find(c) != std::string_view::npos;
    text.push_back(static_cast<unsigned char>(c) < 0x20 || is_mark ? ' ' : c);
  }
  return text;
}

}  // namespace

std::string ReadmeText(const verify::Manifest& manifest) {
  return fmt::format(fmt::runtime(kText), Plain(manifest.org_name), manifest.begin, manifest.end,
                     manifest.checkpoint.size, manifest.org_id, manifest.checkpoint.origin,
                     manifest.vkey, TotalsText(manifest));
}

}  // namespace conntrail::evidence
