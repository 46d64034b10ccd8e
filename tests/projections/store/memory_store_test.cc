#include "projections/store/memory_store.h"

#include "tests/conformance/store_conformance.h"

namespace conntrail {
namespace {

class MemoryStoreMaker {
 public:
  Store& store() { return store_; }

 private:
  MemoryStore store_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StoreConformance, MemoryStoreMaker);

}  // namespace
}  // namespace conntrail
