//! The grid of cases: the 91 failure and interruption cases (procedure 2), each named by a tag such as `case-07`.

use super::grid::{Cell, CellTitle, Grid, GridName};

/// A case of section 2, by its place in [`CASES`].
struct Case {
    title: CellTitle,
    /// Why no machine can play it, and the rows that say so.
    unplayable: Option<(&'static str, &'static str)>,
}

const fn case(ja: &'static str, en: &'static str) -> Case {
    Case {
        title: CellTitle { ja, en },
        unplayable: None,
    }
}

impl Case {
    const fn unplayable(self, reason: &'static str, source: &'static str) -> Self {
        Self {
            unplayable: Some((reason, source)),
            ..self
        }
    }
}

/// Every case, in the order of its number.
static CASES: [Case; 91] = [
    case(
        "管理者の発行手続きが済んでいない",
        "The administrator has not granted",
    ),
    case("取得期限切れ", "The retrieval deadline has passed"),
    case("必須項目の未入力", "A required field is empty"),
    case("存在しない契約法人ID・利用者ID", "Unknown ids"),
    case("暗証番号相違（回数内）", "Wrong PIN, below the limit"),
    case("暗証番号相違で利用中止", "Wrong PIN reaches the limit"),
    case("利用者がすでに利用中止", "The user is locked already"),
    case("契約法人利用中止", "The contract is suspended"),
    case("利用者の登録抹消", "The user is deregistered"),
    case("取得可能時間帯の外", "Outside service hours"),
    case(
        "推奨環境でないブラウザ",
        "Unsupported browser, or the component is blocked",
    ),
    case("クリア", "クリア empties the form"),
    case(
        "実行前の閉じる",
        "閉じる on the form, the intermediate or the 実行 screen",
    ),
    case(
        "取得済みで再び取得",
        "Retrieved already, and again without re-initialisation",
    ),
    case(
        "別のWindowsユーザーで取得",
        "Started in the wrong Windows user",
    ),
    case("取得の二度押し", "取得 is pressed twice"),
    case("二つのタブで取得", "Two tabs, one user"),
    case("二台のパソコンで取得", "Two PCs, one user"),
    case("実行前のタイムアウト", "Session time-out before 実行"),
    case(
        "実行前の通信断・戻る・更新",
        "Network loss, back or refresh before 実行",
    ),
    case(
        "取得中の銀行の再起動",
        "The bank restarts while the grant is claimed",
    ),
    case("最初のポップアップでキャンセル", "First popup cancelled"),
    case("ポップアップが現れない", "The popup never appears"),
    case("鍵の生成の失敗", "Key generation fails"),
    case("実行の二度押し", "実行 is pressed twice"),
    case("要求の送信前の戻る", "Back before the request is sent"),
    case(
        "要求の送信後の戻る・更新",
        "Back or refresh after the request is sent",
    ),
    case(
        "別の鍵による要求の再送信",
        "Refresh posts a request with another key",
    ),
    case(
        "要求の送信後にブラウザを閉じる",
        "Browser closed after the request is sent",
    ),
    case("鍵の保存後に電源断", "Power off, the key on disk"),
    case("鍵の保存前に電源断", "Power off, the key not on disk yet"),
    case("応答前の通信断", "Network lost after the request"),
    case(
        "要求の記録前に銀行が停止",
        "The bank crashes before it records the request",
    ),
    case(
        "認証局への依頼前に銀行が停止",
        "The bank crashes before it asks the CA",
    ),
    case(
        "署名後・記録前に銀行が停止",
        "The CA signed, and the bank crashes before it records",
    ),
    case(
        "方式だけ変わった半端な記録",
        "Half-written: method without certificate",
    ),
    case(
        "証明書だけの半端な記録",
        "Half-written: certificate without method",
    ),
    case("記録後・送信前に銀行が停止", "Issued but not delivered"),
    case("認証局の応答なし", "The CA times out, result unknown"),
    case("認証局の拒否", "The CA refuses"),
    case(
        "認証局が別の名義・別の鍵で発行",
        "The CA returns another subject or key",
    ),
    case("要求の署名不正・改変", "The request's signature is wrong"),
    case("2度目のポップアップでキャンセル", "Second popup cancelled"),
    case("インストールの拒否", "The installation is refused"),
    case(
        "成功表示だが格納されない",
        "Success is told, and nothing is in the store",
    ),
    case(
        "保留中の要求が失われている",
        "Delivered, and the pending request is gone",
    ),
    case(
        "格納済みで完了画面なし",
        "Installed, and the completion screen is lost",
    ),
    case(
        "完了通知の重複・遅延",
        "The confirmation comes twice or late",
    ),
    case(
        "取得中のWindowsユーザー切替え",
        "Windows user switched during the run",
    ),
    case(
        "取得中に別の利用者がログオン",
        "Another bank user logs on in the same browser",
    ),
    case(
        "要求前の再発行（初期化）",
        "Re-initialised before the request",
    ),
    case(
        "要求と記録の間の再発行（初期化）",
        "Re-initialised between request and record",
    ),
    case(
        "送信後・格納前の再発行（初期化）",
        "Re-initialised after delivery, before installation",
    ),
    case(
        "取得中の登録抹消・失効・利用中止",
        "Deregistered, revoked or stopped during the run",
    ),
    case(
        "取得中の暗証番号ロック",
        "PIN locked by another tab during the run",
    ),
    case("処理が遅い", "処理中 takes long"),
    case("完了画面を×で閉じる", "m-DONE closed with ×"),
    case(
        "ブラウザをすべて閉じずにログオン",
        "Not all browsers closed",
    ),
    case("証明書選択のキャンセル", "The picker is cancelled"),
    case("別の証明書を選択", "The wrong certificate is chosen"),
    case("別のパソコン", "Another PC"),
    case("別のWindowsユーザー", "Another Windows user"),
    case(
        "リモートデスクトップ",
        "Remote desktop: the certificate is on the other machine",
    ),
    case("Windowsパスワードの変更", "Windows password reset"),
    case(
        "証明書の削除・OS再インストール",
        "Certificate deleted, OS reinstalled",
    ),
    case("パソコンの紛失・盗難", "PC lost or stolen"),
    case("鍵のない証明書の持出し", "Exported without its key"),
    case("書出し可能な鍵の複製", "An exportable key is copied"),
    case("証明書を消して再発行を誘う", "Malware forces a re-issue"),
    case("期限切れ・猶予期間内", "Expired, within the grace"),
    case("期限切れ・猶予期間後", "Expired, after the grace"),
    case("更新の途中の失敗", "Renewal fails half-way"),
    case("新旧二枚の証明書", "Old and new in the store"),
    case(
        "失効した証明書・旧世代の証明書",
        "Revoked or old-generation certificate",
    ),
    case(
        "ログオン中の再発行（初期化）",
        "Re-issued while a session is open",
    ),
    case(
        "再開されたTLSセッション",
        "Revoked certificate in a resumed TLS session",
    ),
    case("パソコンの時計の狂い", "The PC's clock is wrong"),
    case("銀行と認証局の時計の差", "Bank and CA clocks differ").unplayable(
        "Bank and CA cannot differ: one clock moves everything here, and the CA is asked with the bank's time",
        "case 78, T11",
    ),
    case("有効期限の分のログオン", "Logon at the expiry minute"),
    case("ログオンのタイムアウト", "User session time-out"),
    case(
        "証明書ログオンでのロック",
        "Wrong PIN at certificate logon until the lock",
    ),
    case(
        "電子証明書方式でのID・暗証番号",
        "ID and PIN while the method is the certificate",
    ),
    case(
        "再発行後もID・暗証番号のまま",
        "After re-initialisation he stays on ID and PIN",
    ),
    case(
        "古い画面からの送信",
        "An old page is sent after re-initialisation",
    ),
    case(
        "管理者自身の証明書の喪失",
        "The administrator's own certificate is lost",
    ),
    case(
        "別の利用者の再発行・二重の再発行",
        "The wrong user re-initialised, or twice",
    ),
    case("抹消後の再登録", "Deregistered and registered again"),
    case("同じCNになる二組のID", "Two pairs of ids, one CN").unplayable(
        "Two pairs of contract and user never have one name: a space stands between the two, and no id may hold one",
        "case 88, L20",
    ),
    case("古い失効リスト", "A stale CRL").unplayable(
        "Nothing reads a revocation list to let a customer in: the handshake asks the bank's books, and where it asks nothing the page does",
        "case 89, 0.7",
    ),
    case(
        "×で閉じてすぐログオン",
        "Closed with × and logged on again at once",
    ),
    case("画面の順序の不正", "Irregular request order"),
];

/// The whole grid, nothing of it visited: tens in its rows, units in its columns.
pub(super) fn grid() -> Grid {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let cells = (1..).zip(&CASES).map(|(number, case)| {
        let (row, column) = place_of(number);
        let cell = Cell {
            title: Some(case.title),
            ..Cell::missing(&row, &column)
        };
        match case.unplayable {
            Some((reason, source)) => cell.impossible(reason, source),
            None => cell,
        }
    });
    Grid::new(GridName::Cases, DIGITS.into_iter(), cells)
}

/// The row and column of the case that a tag names; none for other tags.
pub(super) fn place(tag: &str) -> Option<(String, String)> {
    let digits = tag.strip_prefix("case-")?;
    let is_written_so = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: usize = digits.parse().ok()?;
    (is_written_so && (1..=CASES.len()).contains(&number)).then(|| place_of(number))
}

fn place_of(number: usize) -> (String, String) {
    (format!("case-{}", number / 10), (number % 10).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_of_two_digits_within_section_2_name_a_case() {
        let place = |tag| place(tag).map(|(row, column)| row + &column);
        for tag in ["case-01", "case-10", "case-91"] {
            assert_eq!(place(tag).as_deref(), Some(tag));
        }
        for tag in [
            "case-00", "case-92", "case-7", "case-007", "case-+7", "slow",
        ] {
            assert_eq!(place(tag), None, "{tag}");
        }
    }
}
