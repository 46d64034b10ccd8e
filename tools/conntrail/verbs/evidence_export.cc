#include <chrono>

#include <fmt/format.h>

#include "projections/evidence/open_signer.h"
#include "projections/evidence/org_tree.h"
#include "tools/conntrail/evidence/seal_log.h"
#include "tools/conntrail/evidence/store_source.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/time_argument.h"
#include "tools/conntrail/verbs/verbs.h"
#include "tools/evidence/exporter.h"

namespace conntrail {
namespace {

struct Options {
  std::string out;
  std::string from;
  std::string to;
  std::string name;
  unsigned threads = 0;
};

// The last sealed head; if it does not reach the end of the trail, the log is sealed first.
Result<SealedHead> SealedEnd(Session& session, Signer& signer) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  for (int round = 0;; ++round) {
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgView org, session.ViewOfOrg());
    const OrgTree tree(org);
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealedHead> head, tree.LastSealed());
    if (head && (head->head.size == tree.size() || round > 0)) return *head;
    const Status sealed = evidence::SealLog(*directory, org.address().partition, &signer);
    if (!sealed.ok() && !head) return sealed;
    if (!sealed.ok()) session.Note(sealed.message());
  }
}

// Records [begin, end) of those that the checkpoint has.
Status ChooseRange(const Session& session, const Options& options, const OrgView& org,
                   uint64_t size, evidence::ExportRequest& request) {
  request.end = size;
  if (!options.from.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const UnixMs from,
                               ParseTimeArgument(options.from, session.now_ms(), DayEnd::kBegin));
    CONNTRAIL_ASSIGN_OR_RETURN(request.begin, evidence::FirstRecordFrom(org, size, from));
  }
  if (!options.to.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const UnixMs to,
                               ParseTimeArgument(options.to, session.now_ms(), DayEnd::kLast));
    CONNTRAIL_ASSIGN_OR_RETURN(request.end, evidence::FirstRecordFrom(org, size, to + 1));
  }
  if (request.begin > request.end) return Status::InvalidArgument("--from lies after --to");
  return Status::Ok();
}

Result<ExitCode> Run(Session& session, const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  CONNTRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::ExportSink> sink,
                             evidence::MakeExportSink(options.out));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<Signer> signer,
                             OpenSigner(*directory, options.name));
  CONNTRAIL_ASSIGN_OR_RETURN(const SealedHead head, SealedEnd(session, *signer));
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgView org, session.ViewOfOrg());
  OrgTree tree(org);
  evidence::ExportRequest request;
  request.vkey = signer->key().VerifierKeyOf(org.address()).ToString();
  request.org_id = org.state().id.ToString();
  request.org_name = org.state().name;
  request.threads = options.threads;
  CONNTRAIL_RETURN_IF_ERROR(ChooseRange(session, options, org, head.head.size, request));
  CONNTRAIL_ASSIGN_OR_RETURN(request.checkpoint, signer->Sign(tree, org, head));
  if (request.begin > 0) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealedHead> from,
                               tree.SealedUpTo(request.begin));
    if (from && from->head.size > 0) {
      CONNTRAIL_ASSIGN_OR_RETURN(request.from_checkpoint, signer->Sign(tree, org, *from));
    }
  }
  evidence::StoreSource source(org);
  Progress progress("exporting", session.settings().quiet);
  const Result<evidence::ExportTold> told =
      WriteExport(source, request, *sink, [&progress](uint64_t next, uint64_t end) {
        progress.Update(next, end);
        return SignalCaught() == 0;
      });
  progress.Finish();
  if (SignalCaught() != 0) return static_cast<ExitCode>(128 + SignalCaught());
  CONNTRAIL_RETURN_IF_ERROR(told.status());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  Rows rows = session.MakeRows("exports", {{"path", false, true},
                                           {"records", true},
                                           {"first", true},
                                           {"of", true},
                                           {"bytes", true},
                                           {"seconds", true},
                                           {"vkey"}});
  const std::string seconds = fmt::format("{:.1f}", took.count());
  rows.Add({[&] {
              return std::vector<Cell>{options.out,
                                       std::to_string(told->records),
                                       std::to_string(request.begin),
                                       std::to_string(told->size),
                                       std::to_string(told->bytes),
                                       seconds,
                                       request.vkey};
            },
            [&](JsonWriter& out) {
              out.BeginObject();
              out.Name("bytes");
              out.Uint(told->bytes);
              out.Name("first");
              out.Uint(request.begin);
              out.Name("path");
              out.Text(options.out);
              out.Name("records");
              out.Uint(told->records);
              out.Name("size");
              out.Uint(told->size);
              out.Name("vkey");
              out.Text(request.vkey);
              out.EndObject();
            }});
  rows.Finish();
  session.Note("auditors need the key (conntrail evidence vkey) by another way than this file");
  return ExitCode::kOk;
}

}  // namespace

void AddEvidenceExport(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "export", "All records of an organisation, so that a stranger can check them",
      "  conntrail evidence export --data DIR --org acme --out acme.zip\n"
      "  conntrail evidence export --data DIR --org acme --from 2026-01-01 --to 2026-03-31 --out "
      "q1\n"
      "The export holds what the records hold; README.md in it says how to check it. Records that\n"
      "no seal covers yet are sealed first, which appends a record.");
  const auto options = std::make_shared<Options>();
  verb.add_option("--out", options->out,
                  "A zip file if it ends in .zip, else a directory; a new one")
      ->type_name("PATH")
      ->required();
  verb.add_option("--from", options->from, "From then on: RFC 3339, a date, or 7d for 7 days ago")
      ->type_name("TIME");
  verb.add_option("--to", options->to, "Up to then, inclusive; a date takes its whole day")
      ->type_name("TIME");
  verb.add_option("--threads", options->threads, "Threads that read and compress (default: all)")
      ->check(CLI::Range(1, 64));
  verb.add_option("--name", options->name,
                  "What the deployment is called in its evidence, if it has no key yet; for ever")
      ->type_name("HOST/DEPLOYMENT");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
