//! Logs that our exporter has written, checked by crates of others: `signed_note` and `tlog_tiles` read
//! checkpoints and tiles, `ct-merkle` checks proofs. CONNTRAIL_LOGS names the directory that make_logs
//! has written. Panics if anything is refused, or taken that must not be.

use base64::prelude::*;
use ct_merkle::{mem_backed_tree::MemoryBackedTree, ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;
use signed_note::{Note, StandardVerifier, VerifierList};
use std::{env, fs, path::PathBuf};
use tlog_tiles::{
    check_record, check_tree, prove_record, prove_tree, record_hash, stored_hash_index, tree_hash,
    Checkpoint, Error, HashReader, Tile, TileHashReader, TileReader,
};

fn root() -> PathBuf {
    PathBuf::from(env::var("CONNTRAIL_LOGS").expect("CONNTRAIL_LOGS"))
}

fn open(signed: &[u8]) -> Result<Checkpoint, String> {
    let vkey = fs::read_to_string(root().join("vkey")).unwrap();
    let verifier = StandardVerifier::new(vkey.trim_end()).unwrap();
    let note = Note::from_bytes(signed).map_err(|e| format!("{e:?}"))?;
    let (verified, _) = note
        .verify(&VerifierList::new(vec![Box::new(verifier)]))
        .map_err(|e| format!("{e:?}"))?;
    if verified.len() != 1 {
        return Err("not signed".to_string());
    }
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|e| e.to_string())?;
    if checkpoint.origin() != verified[0].name() || !checkpoint.extension().is_empty() {
        return Err("of another log".to_string());
    }
    Ok(checkpoint)
}

/// The log of that size, as a directory of tiles.
struct Log(PathBuf);

/// Where C2SP tlog-tiles has a tile: the crate's path also tells the height.
fn path_of(tile: &Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1).replacen("data", "entries", 1)
}

impl TileReader for Log {
    fn height(&self) -> u8 {
        8
    }
    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        Ok(tiles.iter().map(|tile| fs::read(self.0.join(path_of(tile))).unwrap()).collect())
    }
    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn log_of(size: u64) -> (Checkpoint, Log) {
    let directory = root().join(size.to_string());
    let checkpoint = open(&fs::read(directory.join("checkpoint")).unwrap()).unwrap();
    assert_eq!(checkpoint.size(), size);
    (checkpoint, Log(directory))
}

fn entries(log: &Log, size: u64) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for n in 0..size.div_ceil(256) {
        let width = (size - n * 256).min(256) as u32;
        let bundle = fs::read(log.0.join(path_of(&Tile::new(8, 0, n, width, true)))).unwrap();
        let mut at = 0;
        while at < bundle.len() {
            let length = u16::from_be_bytes([bundle[at], bundle[at + 1]]) as usize;
            all.push(bundle[at + 2..at + 2 + length].to_vec());
            at += 2 + length;
        }
    }
    assert_eq!(all.len() as u64, size);
    all
}

/// Files of the logs' directory that end so.
fn names(ending: &str) -> Vec<String> {
    fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(ending))
        .collect()
}

fn sizes() -> Vec<u64> {
    let mut all: Vec<u64> = names("").iter().filter_map(|name| name.parse().ok()).collect();
    all.sort_unstable();
    assert!(all.len() >= 10);
    all
}

fn tiles_lead_to_the_root_and_entries_are_leaves() {
    for size in sizes() {
        let (head, log) = log_of(size);
        let hashes = TileHashReader::new(size, *head.hash(), &log);
        assert!(tree_hash(size, &hashes).unwrap() == *head.hash());
        let entries = entries(&log, size);
        let indexes: Vec<u64> = (0..size).map(|n| stored_hash_index(0, n)).collect();
        for (entry, leaf) in entries.iter().zip(hashes.read_hashes(&indexes).unwrap()) {
            assert!(record_hash(entry) == leaf);
        }
        for n in [0, size / 3, size - 1] {
            let proof = prove_record(size, n, &hashes).unwrap();
            check_record(&proof, size, *head.hash(), n, record_hash(&entries[n as usize])).unwrap();
        }
        for before in sizes().into_iter().filter(|before| *before < size) {
            let (old, _) = log_of(before);
            let proof = prove_tree(size, before, &hashes).unwrap();
            check_tree(&proof, size, *head.hash(), before, *old.hash()).unwrap();
        }
    }
}

fn hashes_of(lines: &[&str]) -> Vec<u8> {
    lines.iter().flat_map(|line| BASE64_STANDARD.decode(line).unwrap()).collect()
}

fn root_hash(checkpoint: &Checkpoint) -> RootHash<Sha256> {
    RootHash::new(checkpoint.hash().0.into(), checkpoint.size())
}

fn roots_are_those_of_another_tree() {
    for size in sizes() {
        let (head, log) = log_of(size);
        let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for entry in entries(&log, size) {
            tree.push(entry);
        }
        assert_eq!(tree.root().as_bytes().as_slice(), &head.hash().0);
    }
}

fn our_inclusion_proofs_hold() {
    let proofs = names(".tlog-proof");
    assert!(proofs.len() > 40);
    for name in proofs {
        let text = fs::read_to_string(root().join(&name)).unwrap();
        let (body, signed) = text.split_once("\n\n").unwrap();
        let lines: Vec<&str> = body.lines().collect();
        assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
        let mut leaf =
            BASE64_STANDARD.decode(lines[1].strip_prefix("extra ").unwrap()).unwrap();
        let index: u64 = lines[2].strip_prefix("index ").unwrap().parse().unwrap();
        let head = root_hash(&open(signed.as_bytes()).unwrap());
        let proof = InclusionProof::<Sha256>::try_from_bytes(hashes_of(&lines[3..])).unwrap();
        head.verify_inclusion(&leaf, index, &proof).unwrap();
        leaf[0] ^= 1;
        assert!(head.verify_inclusion(&leaf, index, &proof).is_err(), "{name}: another leaf");
    }
}

fn our_consistency_proofs_hold() {
    let proofs = names(".consistency");
    assert!(proofs.len() >= 60);
    for name in proofs {
        let text = fs::read_to_string(root().join(&name)).unwrap();
        let (from, to) = name.strip_suffix(".consistency").unwrap().split_once('-').unwrap();
        let before = root_hash(&log_of(from.parse().unwrap()).0);
        let after = root_hash(&log_of(to.parse().unwrap()).0);
        let lines: Vec<&str> = text.lines().collect();
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(hashes_of(&lines)).unwrap();
        after.verify_consistency(&before, &proof).unwrap();
    }
}

fn a_damaged_checkpoint_is_refused() {
    let signed = fs::read(root().join("256/checkpoint")).unwrap();
    for at in 0..signed.len() {
        let mut damaged = signed.clone();
        damaged[at] ^= 1;
        assert!(open(&damaged).is_err(), "byte {at} is changed");
    }
}

fn main() {
    tiles_lead_to_the_root_and_entries_are_leaves();
    roots_are_those_of_another_tree();
    our_inclusion_proofs_hold();
    our_consistency_proofs_hold();
    a_damaged_checkpoint_is_refused();
    println!("{} logs, {} proofs", sizes().len(), names(".tlog-proof").len());
}
