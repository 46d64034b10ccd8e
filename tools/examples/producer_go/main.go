// Reports a few observations straight to the topic of a conntrail log, with an ordinary Kafka client.
//
// See README.md beside this file. What the bytes must be: schemas/records.md.
package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/twmb/franz-go/pkg/kgo"

	// Made by: flatc --go --gen-object-api -o . ../../../schemas/event.fbs
	"conntrail/examples/producer_go/conntrail/wire"
)

const recordBytesMax = 60_000

type uuid [16]byte

func (id uuid) String() string {
	h := hex.EncodeToString(id[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func (id uuid) wire() *wire.UuidT {
	return &wire.UuidT{Hi: binary.BigEndian.Uint64(id[:8]), Lo: binary.BigEndian.Uint64(id[8:])}
}

func fromWire(id *wire.Uuid) (out uuid) {
	binary.BigEndian.PutUint64(out[:8], id.Hi())
	binary.BigEndian.PutUint64(out[8:], id.Lo())
	return out
}

func parseUUID(text string) (id uuid, err error) {
	bytes, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err == nil && len(bytes) != len(id) {
		err = errors.New("a UUID has 32 hexadecimal digits")
	}
	copy(id[:], bytes)
	return id, err
}

// newUUID is of version 7 (RFC 9562): 48 bits of time, 74 of chance.
func newUUID() (id uuid) {
	if _, err := rand.Read(id[:]); err != nil {
		panic(err)
	}
	ms := uint64(time.Now().UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0F | 0x70
	id[8] = id[8]&0x3F | 0x80
	return id
}

func user(id uuid) *wire.PrincipalT {
	return &wire.PrincipalT{Id: id.wire(), Kind: wire.PrincipalKinduser}
}

func text(value string) *wire.ValueT {
	return &wire.ValueT{Kind: wire.ValueKindtext, Text: value}
}

// fingerprint keeps the secret in this process. The key is the deployment's, 64 hexadecimal digits;
// with another one reuse of a secret stays invisible.
func fingerprint(keyFile, field, secret string) (*wire.SecretFingerprintT, error) {
	content, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(content)))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(secret))
	return &wire.SecretFingerprintT{Field: field, Digest: mac.Sum(nil)}, nil
}

// observation is what all of them have in common. Producer and number come when it is journalled.
func observation(org, actor uuid, kind wire.Action, action any) *wire.EventT {
	now := time.Now().UnixMilli()
	return &wire.EventT{
		EventId:      newUUID().wire(),
		Org:          org.wire(),
		Authority:    wire.Authorityobservation,
		OccurredAtMs: &now,
		RecordedAtMs: &now,
		Actor:        &wire.ActorT{Principal: user(actor), Kind: wire.ActorKindperson},
		Interface:    wire.Interfaceplatform,
		Rights:       wire.Rightbackfill, // it counts for the time at which we recorded it
		Action:       &wire.ActionT{Type: kind, Value: action},
	}
}

// story: somebody makes a connection, renames it, uses it, and changes its secret.
func story(org uuid, keyFile string) ([]*wire.EventT, error) {
	actor, connection := newUUID(), newUUID()
	var secrets []*wire.SecretFingerprintT
	if keyFile != "" {
		one, err := fingerprint(keyFile, "api_token", "not a real one")
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, one)
	}
	before, after := text("pager of the example"), text("pager (Go)")
	return []*wire.EventT{
		observation(org, actor, wire.ActionConnectionCreated, &wire.ConnectionCreatedT{
			Connection: connection.wire(), HasCredential: true,
			Fields: []*wire.FieldT{{Path: "name", Value: before}}}),
		observation(org, actor, wire.ActionConnectionEdited, &wire.ConnectionEditedT{
			Connection: connection.wire(),
			Changes:    []*wire.FieldChangeT{{Path: "name", Before: before, After: after}}}),
		observation(org, actor, wire.ActionConnectionUsed, &wire.ConnectionUsedT{
			Connection: connection.wire(), Principal: user(actor), Count: 3}),
		observation(org, actor, wire.ActionCredentialRotated, &wire.CredentialRotatedT{
			Connection: connection.wire(), Secrets: secrets}),
	}, nil
}

func encode(event *wire.EventT) ([]byte, error) {
	builder := flatbuffers.NewBuilder(1024)
	builder.FinishWithFileIdentifier(event.Pack(builder), []byte("CTEV"))
	value := builder.FinishedBytes()
	if len(value) > recordBytesMax {
		return nil, fmt.Errorf("the event has %d bytes, %d are allowed", len(value), recordBytesMax)
	}
	return value, nil
}

type options struct {
	bootstrap, topic, producer, journal, keyFile string
	org                                          uuid
	partition                                    int
}

func writeJournal(o options) error {
	events, err := story(o.org, o.keyFile)
	if err != nil {
		return err
	}
	draft := o.journal + ".draft"
	file, err := os.Create(draft)
	if err != nil {
		return err
	}
	defer file.Close()
	for i, event := range events {
		number := uint64(i + 1)
		event.Producer, event.ProducerSequence = o.producer, &number
		value, err := encode(event)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(file, base64.StdEncoding.EncodeToString(value)); err != nil {
			return err
		}
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return os.Rename(draft, o.journal)
}

// journalled are the events of this producer, as they were numbered and written down once. An event
// that is sent again is the same bytes, which is how conntrail knows it.
func journalled(o options) ([][]byte, error) {
	if _, err := os.Stat(o.journal); errors.Is(err, os.ErrNotExist) {
		if err := writeJournal(o); err != nil {
			return nil, err
		}
	}
	file, err := os.Open(o.journal)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var values [][]byte
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 2*recordBytesMax)
	for lines.Scan() {
		value, err := base64.StdEncoding.DecodeString(lines.Text())
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, lines.Err()
}

var types = map[wire.Action]string{
	wire.ActionConnectionCreated: "connection.created",
	wire.ActionConnectionEdited:  "connection.edited",
	wire.ActionConnectionUsed:    "connection.used",
	wire.ActionCredentialRotated: "credential.rotated",
}

// headers are those of the CloudEvents binding for Kafka, binary mode: for those who route; they
// decide nothing.
func headers(value []byte) []kgo.RecordHeader {
	event := wire.GetRootAsEvent(value, 0)
	var list []kgo.RecordHeader
	add := func(name, text string) {
		list = append(list, kgo.RecordHeader{Key: name, Value: []byte(text)})
	}
	add("content-type", "application/vnd.conntrail.event")
	add("ce_specversion", "1.0")
	add("ce_id", fromWire(event.EventId(nil)).String())
	producer := strings.ReplaceAll(url.QueryEscape(string(event.Producer())), "+", "%20")
	add("ce_source", fmt.Sprintf("/orgs/%s/producers/%s", fromWire(event.Org(nil)), producer))
	add("ce_type", "conntrail."+types[event.ActionType()])
	if at := event.OccurredAtMs(); at != nil {
		add("ce_time", time.UnixMilli(*at).UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	return list
}

// send returns nil if all replicas that are in sync have all of them.
func send(o options, values [][]byte) error {
	client, err := kgo.NewClient( // idempotent by itself
		kgo.SeedBrokers(strings.Split(o.bootstrap, ",")...),
		kgo.DefaultProduceTopic(o.topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()),
		kgo.RecordDeliveryTimeout(30*time.Second),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	var records []*kgo.Record
	for _, value := range values {
		records = append(records, &kgo.Record{Key: o.org[:], Value: value,
			Partition: int32(o.partition), Headers: headers(value)})
	}
	return client.ProduceSync(context.Background(), records...).FirstErr()
}

func run() error {
	var o options
	var org string
	flag.StringVar(&o.bootstrap, "bootstrap", "", "HOST:PORT")
	flag.StringVar(&o.topic, "topic", "", "")
	flag.StringVar(&org, "org", "", "the id of the organisation")
	flag.IntVar(&o.partition, "partition", -1, "in which the org lives")
	flag.StringVar(&o.producer, "producer", "", "a name that nobody else has, ever")
	flag.StringVar(&o.journal, "journal", "", "a file; keep it as long as the name")
	flag.StringVar(&o.keyFile, "fingerprint-key", "", "the deployment's key file, for secrets")
	flag.Parse()
	var err error
	if o.org, err = parseUUID(org); err != nil {
		return fmt.Errorf("-org: %w", err)
	}
	if o.bootstrap == "" || o.topic == "" || o.partition < 0 || o.producer == "" || o.journal == "" {
		return errors.New("-bootstrap, -topic, -partition, -producer and -journal are needed")
	}
	values, err := journalled(o)
	if err != nil {
		return err
	}
	if err := send(o, values); err != nil {
		return fmt.Errorf("not all are acknowledged: %w; run this again: what arrived already is recognised", err)
	}
	fmt.Printf("%d events are in the log\n", len(values))
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
