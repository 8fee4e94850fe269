// Signs a bundle of requests with Go's crypto/x509, as a Go programmer would: parse, check the
// signature, create, write PEM; the requests are shared among as many goroutines as asked for.
//
//	go run signer.go CA.pem CA.key BUNDLE OUT WORKERS
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 5 {
		return fmt.Errorf("five arguments are needed: CA.pem CA.key BUNDLE OUT WORKERS")
	}
	workers, err := strconv.Atoi(arguments[4])
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(workers)
	issuer, key, err := authority(arguments[0], arguments[1])
	if err != nil {
		return err
	}
	bundle, err := os.ReadFile(arguments[2])
	if err != nil {
		return err
	}
	var requests [][]byte
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		requests = append(requests, block.Bytes)
	}
	certificates := make([][]byte, len(requests))
	failures := make([]error, workers)
	var group sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for i := worker; i < len(requests); i += workers {
				if certificates[i], failures[worker] = sign(requests[i], issuer, key); failures[worker] != nil {
					return
				}
			}
		}(worker)
	}
	group.Wait()
	for _, failure := range failures {
		if failure != nil {
			return failure
		}
	}
	file, err := os.Create(arguments[3])
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	for _, certificate := range certificates {
		if err := pem.Encode(out, &pem.Block{Type: "CERTIFICATE", Bytes: certificate}); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return file.Close()
}

func authority(certificatePath, keyPath string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(certificatePath)
	if err != nil {
		return nil, nil, err
	}
	block, _ := pem.Decode(text)
	issuer, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	if text, err = os.ReadFile(keyPath); err != nil {
		return nil, nil, err
	}
	block, _ = pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	return issuer, key.(*ecdsa.PrivateKey), nil
}

func sign(der []byte, issuer *x509.Certificate, key *ecdsa.PrivateKey) ([]byte, error) {
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, err
	}
	if err := request.CheckSignature(); err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := x509.Certificate{
		SerialNumber:          serial,
		Subject:               request.Subject,
		NotBefore:             now,
		NotAfter:              now.AddDate(1, 0, 0),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	return x509.CreateCertificate(rand.Reader, &template, issuer, request.PublicKey, key)
}
