"""What words mean in the pose library: one concept a line, English and Indonesian together.

Search and text mode read the same table. A word in two lines means both: `bersedekap` is arms and crossed.
Words joined by `_` mean something of their own together: `jam_tangan` is a watch, not a hand. To add a word,
put it into its line. Forms in -s, -es, -ed and -ing are understood without an entry, but only found with one.
"""

from collections.abc import Mapping


def _table(text: str) -> dict[str, tuple[str, ...]]:
    lines = text.replace("\n  ", " ").splitlines()
    table = {name: words.split() for name, _, words in (line.partition(":") for line in lines if line)}
    return {name: (name, *(word.replace("_", " ") for word in words)) for name, words in table.items()}


POSTURE = """
stand: standing stands stood berdiri
sit: sitting sits seated sat seat duduk terduduk bersila bersimpuh selonjor lesehan lotus_position
  indian_style
kneel: kneeling kneels knelt berlutut bersimpuh sungkem
crouch: crouching crouched squat squatting squats jongkok berjongkok nongkrong
lie: lying lies laying lay reclining recline berbaring rebahan tiduran terlentang tengkurap telentang
lean: leaning leans leant bersandar menyandar sandaran nyender propped
bend: bending bent bends bow bowing bows membungkuk menunduk stooping
walk: walking walks strolling stroll striding stride strutting berjalan jalan melangkah langkah
run: sprinter runner running runs ran jogging jog sprint sprinting lari berlari joging
jump: jumping jumps leap leaping leaps hop hopping lompat melompat loncat meloncat
dance: dancing dances dancer tari menari joget berjoget tarian penari goyang
turn: turning turned turns twist twisting rotating berputar berbalik memutar spin spinning twirl twirling
stretch: stretching stretched stretches peregangan meregang pemanasan selonjor
climb: climbing climbs memanjat mendaki naik
fly: flying flies terbang
sleep: sleeping sleeps asleep tidur meringkuk
balance: balancing balances keseimbangan seimbang
tiptoe: tiptoes jinjit berjinjit on_tip_toe tip_toe
lunge: lunging lunges kuda_kuda
kick: kicking kicks menendang tendangan sepakan
punch: punching punches pukulan meninju memukul
throw: throwing throws threw melempar lemparan
catch: catching catches menangkap
crawl: crawling crawls merangkak all_fours
pushup: push_up
situp: sit_up
hang: hanging hangs menggantung bergelantung
"""
BODY = """
arm: arms lengan forearm forearms bersedekap tangan_disilangkan tangan_menyilang menyilangkan_tangan
  melipat_tangan tangan_dilipat
hand: hands tangan palm palms telapak fist fists kepalan
finger: fingers jari fingertips fingertip
thumb: thumbs jempol
elbow: elbows siku
shoulder: shoulders bahu pundak looking_back menoleh_ke_belakang
head: kepala
hair: rambut
face: faces wajah muka
cheek: cheeks pipi
chin: dagu
ear: ears telinga
eye: eyes mata
mouth: lips mulut bibir
neck: leher nape tengkuk
chest: dada
heart: hearts hati jantung
stomach: belly tummy perut tengkurap prone
hip: hips waist pinggang pinggul akimbo berkacak
leg: legs legged kaki bersila selonjor cross_legged lotus_position indian_style
knee: knees lutut
foot: feet
toe: toes
heel: heels tumit
wrist: wrists pergelangan
"""
ACTION = """
cross: crossed crosses cross_legged menyilang menyilangkan disilangkan bersedekap bersila folded melipat
  dilipat
  terlipat lotus_position indian_style tangan_disilangkan tangan_menyilang menyilangkan_tangan melipat_tangan
  tangan_dilipat
raise: raised raising raises lift lifted lifting lifts angkat mengangkat diangkat terangkat
hold: holding holds held memegang pegang menggenggam gripping
carry: carrying carries carried membawa memikul menggendong
wave: waving waves waved melambai melambaikan dadah lambaian melambaikan_tangan lambaikan_tangan
point: pointing points pointed menunjuk tunjuk
show: showing shows shown present presenting presents menunjukkan menampilkan memamerkan mempersembahkan
touch: touching touches menyentuh
hug: hugging hugs hugged memeluk peluk pelukan embracing cradling
clasp: clasped clasping linked joined
open: opened opening membuka terbuka buka
spread: spreading merentangkan rentang membentangkan outstretched wide lebar
reach: reaching reaches meraih menjangkau mengulurkan
look: looking looks gaze gazing glance glancing watching menatap melihat menoleh melirik memandang tatapan
  looking_back menoleh_ke_belakang
smile: smiling smiles senyum tersenyum
laugh: laughing laughs giggling tertawa ngakak ketawa
cry: crying menangis
think: thinking thinks thinker pensive thoughtful berpikir termenung merenung melamun in_thought
read: reading reads membaca
write: writing writes menulis mencatat
type: typing types mengetik
eat: eating eats makan
drink: drinking drinks sipping minum
cook: cooking cooks memasak masak
clean: cleaning wiping bersih_bersih membersihkan mengelap
sweep: sweeping menyapu
pray: praying prayer berdoa doa sholat shalat salat ibadah
greet: greeting greetings salam menyapa sapa
clap: clapping applause tepuk bertepuk
salute: saluting hormat
listen: listening mendengar mendengarkan
shout: shouting shouts yelling berteriak teriak
call: calling calls menelepon menelpon telepon telpon on_the_phone
celebrate: celebrating celebration selebrasi merayakan
push: pushing mendorong
pull: pulling menarik
pick: picking picks memungut mengambil
pour: pouring menuang menuangkan
sew: sewing menjahit
highfive: high_five
wait: waiting menunggu
rest: resting istirahat beristirahat
ride: riding rides rode mengendarai menunggang naik_sepeda naik_motor
drive: driving menyetir mengemudi
film: filming recording merekam
kiss: kissing cium mencium
flex: flexing flexed
adjust: adjusting fixing membetulkan memperbaiki
tie: tying mengikat
pack: packing mengemas membungkus
hail: hailing memanggil
offer: offering offers menyerahkan menyodorkan memberi
swing: swinging mengayun ayunan
play: playing bermain main
"""
PLACE = """
left: kiri
right: kanan
front: depan forward
back: behind rear belakang membelakangi punggung backward backwards
side: samping menyamping profile sideways
up: di_atas_kepala above_the_head upward upwards atas overhead above
down: downward downwards bawah low rendah
floor: ground lantai tanah bersila selonjor lesehan lotus_position indian_style
chair: chairs kursi
stool: bench bangku
sofa: couch
bed: kasur ranjang
table: meja desk
wall: dinding tembok
stairs: steps staircase tangga
door: pintu
window: jendela
sky: langit
camera: kamera
mirror: cermin kaca
office: kantor
kitchen: dapur
far: distance jauh
straight: upright tegak lurus
one: single satu sebelah
both: two double dua kedua ii
below: low_angle from_below dari_bawah
overview: high_angle from_above dari_atas
square: right_angle right_angles
parade: at_ease
"""
THING = """
phone: smartphone handphone ponsel hp telepon telpon on_the_phone
selfie: selfies swafoto
product: products produk barang
box: boxes parcel parcels package paket kotak kardus
bag: bags tas
handbag: purse tas_tangan
backpack: rucksack ransel
suitcase: luggage koper
book: books buku
hat: cap topi
glasses: eyeglasses spectacles kacamata
sunglasses: shades kacamata_hitam
watch: wristwatch arloji jam_tangan
shoe: shoelaces laces shoes sneaker sneakers sepatu
pocket: pockets saku kantong
skirt: rok
jacket: coat blazer jaket mantel jas
shirt: baju kaos kemeja
scarf: headscarf veil pashmina kerudung jilbab selendang
ball: bola
football: soccer futsal sepak_bola
badminton: bulutangkis bulu_tangkis
basketball: basket
volleyball: voli
tennis: tenis
golf: pegolf
boxing: boxer tinju bertinju
guard: ready siap
ballet: balet
bicycle: bike cycling sepeda bersepeda naik_sepeda
scooter: motorbike motorcycle motor naik_motor
car: mobil
coffee: kopi
tea: teh
cup: mug cangkir
glass: gelas
bottle: botol
baby: bayi
laundry: jemuran menjemur cucian
tray: nampan
map: peta
shopping: belanja
gift: present hadiah kado
flower: flowers bunga
laptop: computer komputer
microphone: mic mikrofon
towel: handuk
umbrella: payung
dumbbell: dumbbells weights barbell beban barbel angkat_beban
music: musik
meditation: meditating meditasi
fitness: workout gym exercise olahraga senam work_out
silat: pencak
martial: martial_arts bela_diri
"""
MOOD = """
happy: joy joyful cheerful glad senang gembira ceria bahagia
sad: unhappy sedih galau
angry: furious mad marah kesal
tired: exhausted weary lelah capek letih
shy: bashful malu pemalu
scared: frightened afraid takut
surprised: shocked startled amazed kaget terkejut heran
confused: puzzled bingung
confident: confidently tegas gagah pede percaya_diri
bored: bosan jenuh
sick: headache sakit pusing
relaxed: casual casually relaxing santai rileks
elegant: graceful anggun elegan
polite: politely sopan santun
modest: muslim muslimah hijab berhijab busana_muslim
strong: power powerful kuat
cute: imut
cool: keren
fashion: model modelling mode catalogue katalog gaya
thanks: thank terimakasih thank_you terima_kasih
love: cinta sayang
victory: peace peace_sign v_sign dua_jari
winner: champion juara menang
welcome: welcoming menyambut sambutan
cold: freezing kedinginan dingin
pregnant: maternity hamil
"""

CONCEPTS: Mapping[str, tuple[str, ...]] = _table(POSTURE + BODY + ACTION + PLACE + THING + MOOD)
"""Every word of a concept, its own name first."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS = _words("""
        over through along around round against arah do does doing done make making give giving get
    getting have having use using be seen
    a an and are as at be being by for from her him his i if in into is it its just like me my of on onto or
    our she he so some someone somebody that the their them they this to toward towards very was while who
    with without you your other then
        ada adalah akan atau bagi dalam dan dari dengan di dia ia itu ini ke kepada mereka nya oleh pada
    para pun
    sambil sang sebuah sedang seperti si sudah tanpa untuk yang ya agar sangat lagi orang
""")
"""They carry no meaning of their own."""

CLUTTER = _words("""
    one single both two satu dua
    woman women man men girl boy lady guy person human figure model models avatar seller mother father
    camera kamera young old adult beautiful pretty handsome attractive asian indonesian javanese
    wanita pria perempuan laki lelaki cewek cowok gadis seseorang seorang ibu bapak anak muda cantik tampan
    pose poses posing posed posture stance position gesture action sikap posisi berpose foto photo picture
    image portrait shot studio view full body natural style background latar belakangnya light lighting
    wearing wear wears dressed dress clothes outfit shirt suit skirt jeans pants trousers batik kebaya gamis
    abaya tampak terlihat memakai mengenakan pakai baju busana kaos celana gaun kemeja
    red blue green white black yellow pink grey gray brown purple orange gold beige colourful
    merah biru hijau putih hitam kuning abu coklat ungu emas
    modern city street beach garden park room house home outdoor outdoors indoor indoors cafe nature
    kota jalanan pantai taman kamar rumah luar toko shop store mall smile happy
        big small large tall long short high next slightly gently softly calmly nicely casually little bit
    agak sedikit
""")
"""Who, wearing what, where, how many: true of many poses, so it says little about which one is meant."""
