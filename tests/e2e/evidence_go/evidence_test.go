// Logs that our exporter has written, checked by golang.org/x/mod/sumdb (the code of Go's own
// checksum database) and github.com/transparency-dev/merkle (of Certificate Transparency).
// CONNTRAIL_LOGS names the directory that make_logs has written.
package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(os.Getenv("CONNTRAIL_LOGS"), name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func verifier(t *testing.T) note.Verifier {
	t.Helper()
	made, err := note.NewVerifier(strings.TrimSuffix(string(read(t, "vkey")), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// head is a checkpoint whose signature was verified.
type head struct {
	size int64
	root tlog.Hash
}

func openCheckpoint(t *testing.T, signed []byte) head {
	t.Helper()
	key := verifier(t)
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		t.Fatalf("a checkpoint of %d lines: %q", len(lines), opened.Text)
	}
	if lines[0] != key.Name() {
		t.Fatalf("the origin is %q, the key is %q's", lines[0], key.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		t.Fatalf("the root %q: %v", lines[2], err)
	}
	return head{size, tlog.Hash(root)}
}

// path is where C2SP tlog-tiles has a tile; level -1 are the entries.
func path(tile tlog.Tile) string {
	level := strconv.Itoa(tile.L)
	if tile.L == -1 {
		level = "entries"
	}
	index := fmt.Sprintf("%03d", tile.N%1000)
	for rest := tile.N / 1000; rest > 0; rest /= 1000 {
		index = fmt.Sprintf("x%03d/%s", rest%1000, index)
	}
	if tile.W != 1<<tile.H {
		index += fmt.Sprintf(".p/%d", tile.W)
	}
	return "tile/" + level + "/" + index
}

// directory reads tiles of the log of that name.
type directory struct{ root string }

func (d directory) Height() int { return 8 }

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		content, err := os.ReadFile(filepath.Join(d.root, path(tile)))
		if err != nil {
			return nil, err
		}
		all = append(all, content)
	}
	return all, nil
}

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

func sizes(t *testing.T) []int64 {
	t.Helper()
	entries, err := os.ReadDir(os.Getenv("CONNTRAIL_LOGS"))
	if err != nil {
		t.Fatal(err)
	}
	var found []int64
	for _, entry := range entries {
		size, err := strconv.ParseInt(entry.Name(), 10, 64)
		if entry.IsDir() && err == nil {
			found = append(found, size)
		}
	}
	slices.Sort(found)
	if len(found) < 10 {
		t.Fatalf("only %d logs", len(found))
	}
	return found
}

func logOf(t *testing.T, size int64) (head, directory) {
	t.Helper()
	name := strconv.FormatInt(size, 10)
	signed := openCheckpoint(t, read(t, filepath.Join(name, "checkpoint")))
	if signed.size != size {
		t.Fatalf("log %s has a checkpoint of size %d", name, signed.size)
	}
	return signed, directory{filepath.Join(os.Getenv("CONNTRAIL_LOGS"), name)}
}

// entries are all leaves of a log, read from its bundles.
func entries(t *testing.T, log directory, size int64) [][]byte {
	t.Helper()
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		bundle, err := os.ReadFile(filepath.Join(log.root,
			path(tlog.Tile{H: 8, L: -1, N: n, W: int(min(256, size-n*256))})))
		if err != nil {
			t.Fatal(err)
		}
		for len(bundle) > 0 {
			length := int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	if int64(len(all)) != size {
		t.Fatalf("%d entries in a log of %d", len(all), size)
	}
	return all
}

func some(size int64) []int64 {
	chosen := []int64{0, 1, 254, 255, 256, 257, size / 3, size - 257, size - 256, size - 2, size - 1}
	return slices.DeleteFunc(chosen, func(n int64) bool { return n < 0 || n >= size })
}

func TestSumdbTilesLeadToTheRoot(t *testing.T) {
	for _, size := range sizes(t) {
		signed, log := logOf(t, size)
		hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: signed.root}, log)
		root, err := tlog.TreeHash(size, hashes)
		if err != nil || root != signed.root {
			t.Fatalf("size %d: root %v, signed %v: %v", size, root, signed.root, err)
		}
	}
}

func TestSumdbEveryEntryIsALeaf(t *testing.T) {
	for _, size := range sizes(t) {
		signed, log := logOf(t, size)
		hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: signed.root}, log)
		var indexes []int64
		for n := range size {
			indexes = append(indexes, tlog.StoredHashIndex(0, n))
		}
		leaves, err := hashes.ReadHashes(indexes)
		if err != nil {
			t.Fatal(err)
		}
		for n, entry := range entries(t, log, size) {
			if tlog.RecordHash(entry) != leaves[n] {
				t.Fatalf("size %d: entry %d is not the leaf", size, n)
			}
		}
	}
}

func TestSumdbRecordsAndBeginningsAreProven(t *testing.T) {
	all := sizes(t)
	for _, size := range all {
		signed, log := logOf(t, size)
		hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: signed.root}, log)
		leaves := entries(t, log, size)
		for _, n := range some(size) {
			made, err := tlog.ProveRecord(size, n, hashes)
			if err != nil {
				t.Fatal(err)
			}
			err = tlog.CheckRecord(made, size, signed.root, n, tlog.RecordHash(leaves[n]))
			if err != nil {
				t.Fatalf("record %d of %d: %v", n, size, err)
			}
		}
		for _, before := range all {
			if before >= size {
				break
			}
			old, _ := logOf(t, before)
			made, err := tlog.ProveTree(size, before, hashes)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(made, size, signed.root, before, old.root); err != nil {
				t.Fatalf("%d in %d: %v", before, size, err)
			}
		}
	}
}

func TestTransparencyDevRootsOfTheEntries(t *testing.T) {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	for _, size := range sizes(t) {
		signed, log := logOf(t, size)
		grown := factory.NewEmptyRange(0)
		for _, entry := range entries(t, log, size) {
			if err := grown.Append(rfc6962.DefaultHasher.HashLeaf(entry), nil); err != nil {
				t.Fatal(err)
			}
		}
		root, err := grown.GetRootHash(nil)
		if err != nil || !bytes.Equal(root, signed.root[:]) {
			t.Fatalf("size %d: root %x, signed %x: %v", size, root, signed.root, err)
		}
	}
}

// parseProof reads a C2SP tlog-proof with an extra line.
func parseProof(t *testing.T, text string) (leaf []byte, index uint64, hashes [][]byte, signed head) {
	t.Helper()
	body, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(body, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		t.Fatalf("no tlog-proof: %q", text)
	}
	decode := func(line string) []byte {
		content, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	leaf = decode(strings.TrimPrefix(lines[1], "extra "))
	index, err := strconv.ParseUint(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[3:] {
		hashes = append(hashes, decode(line))
	}
	return leaf, index, hashes, openCheckpoint(t, []byte(checkpoint))
}

func TestTransparencyDevOurInclusionProofs(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join(os.Getenv("CONNTRAIL_LOGS"), "*.tlog-proof"))
	if len(names) < 40 {
		t.Fatalf("only %d proofs", len(names))
	}
	for _, name := range names {
		leaf, index, hashes, signed := parseProof(t, string(read(t, filepath.Base(name))))
		err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, uint64(signed.size),
			rfc6962.DefaultHasher.HashLeaf(leaf), hashes, signed.root[:])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		leaf[0] ^= 1
		if proof.VerifyInclusion(rfc6962.DefaultHasher, index, uint64(signed.size),
			rfc6962.DefaultHasher.HashLeaf(leaf), hashes, signed.root[:]) == nil {
			t.Fatalf("%s: another leaf is taken", name)
		}
	}
}

func TestTransparencyDevOurConsistencyProofs(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join(os.Getenv("CONNTRAIL_LOGS"), "*.consistency"))
	if len(names) < 60 {
		t.Fatalf("only %d proofs", len(names))
	}
	for _, name := range names {
		var from, to int64
		if _, err := fmt.Sscanf(filepath.Base(name), "%d-%d.consistency", &from, &to); err != nil {
			t.Fatal(err)
		}
		var hashes [][]byte
		for _, line := range strings.Fields(string(read(t, filepath.Base(name)))) {
			hash, err := base64.StdEncoding.DecodeString(line)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, hash)
		}
		before, _ := logOf(t, from)
		after, _ := logOf(t, to)
		err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(from), uint64(to), hashes,
			before.root[:], after.root[:])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestSumdbRefusesADamagedCheckpoint(t *testing.T) {
	signed := read(t, "256/checkpoint")
	for at := range signed {
		damaged := bytes.Clone(signed)
		damaged[at] ^= 1
		if _, err := note.Open(damaged, note.VerifierList(verifier(t))); err == nil {
			t.Fatalf("byte %d is changed, and the note is taken", at)
		}
	}
}
